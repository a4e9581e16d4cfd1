"""A judge that is not eng5's own: which code it was, and what it says of itself."""

from __future__ import annotations

from pydantic import Field

from eng5.contracts.own import OwnFile, Sha256

PLUGIN = "plugin"
"""The provider of judges that are not eng5's own."""


class JudgeStatement(OwnFile):
    """Frozen with a run, so that changed code is another run."""

    sha256: Sha256 = Field(description="over the names and bytes of its Python files")
    needs: list[str] = Field(description="what it looks at: texts, ids, prompt")
    usd_per_question: float | None = Field(description="None where it follows from the question")
    repeats_itself: bool | None = Field(description="None where nobody can say")

    def in_words(self) -> str:
        """The statement as a sentence without its full stop."""
        price = {None: "its price is not known", 0.0: "costs nothing"}
        repeats = {
            True: "repeats itself",
            False: "decides afresh each time",
            None: "may repeat itself or not",
        }
        return "; ".join(
            (
                f"looks at {' and '.join(sorted(self.needs)) or 'nothing'}",
                price.get(self.usd_per_question, f"costs {self.usd_per_question} USD a question"),
                repeats[self.repeats_itself],
            )
        )

"""How many tokens an answer may take: what the variant says, or what fits the answers that come."""

AT_FIRST = 2048
"""Tokens for the first answers of a server of one's own: most such servers have no limit, and small models no end."""

LEAST = 256
ROOM = 4
"""Times what was needed so far that an answer may take, and that one which was cut off gets when it is asked again."""


class TokenLimit:
    """The limit for one model, shared by all questions of the process.

    Args:
        given: the variant's max_tokens; None leaves it to us.
        own_server: whether to send a limit where none is given. A vendor's own address gets none.
        most: what may be asked for where an answer was cut off.
    """

    def __init__(self, given: int | None, *, own_server: bool, most: int) -> None:
        self._given = given
        self._own_server = own_server
        self._most = most
        self._longest = 0
        self._raised: int | None = None

    def first(self) -> int | None:
        """With how many tokens a question is asked; None leaves it to the provider."""
        if self._given is not None or not self._own_server:
            return self._raised or self._given
        return min(max(LEAST, ROOM * self._longest) if self._longest else AT_FIRST, self._most)

    def more(self, used: int, sent: int | None) -> int | None:
        """With how many it is asked again after it was cut off; None when no more may be asked for."""
        before = max(used, sent or 0, 1)
        more = min(ROOM * before, self._most)
        return more if more > before else None

    def answered(self, used: int, sent: int | None) -> None:
        """A valid answer took so many tokens; one that needed more than the first limit raises it for those to come."""
        self._longest = max(self._longest, used)
        if sent is not None and (self._given is None or used > self._given):
            self._raised = sent

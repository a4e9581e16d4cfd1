"""A group of commands whose help is whole at any width: nothing is cut, options stand under their headings."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class WholeHelp(TyperGroup):
    """Typer's own help shortens the sentence of a command to a line, and forgets the panels without rich."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Options by panel, then the commands."""
        panels: dict[str, list[Any]] = {}
        for option in self.get_params(ctx):
            record = option.get_help_record(ctx)
            if record is not None:
                panels.setdefault(getattr(option, "rich_help_panel", None) or "Options", []).append(record)
        first_paragraph = {name: (one.help or "").split("\n\n")[0] for name, one in self.commands.items()}
        panels["Commands"] = [(name, " ".join(text.split())) for name, text in first_paragraph.items()]
        for panel, records in panels.items():
            with formatter.section(panel):
                formatter.write_dl(records)

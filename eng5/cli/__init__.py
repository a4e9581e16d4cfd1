"""The command line `eng5`."""

import sys

__all__ = ["main"]


def main() -> None:
    """The entry point. Ctrl-C while the modules are still being imported is no traceback, either."""
    try:
        from eng5.cli.app import main as run

        run()
    except KeyboardInterrupt:
        print("\ninterrupted before anything was begun", file=sys.stderr)  # noqa: T201
        sys.exit(130)

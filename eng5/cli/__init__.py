"""The command line `eng5`."""

from eng5.cli.app import main

__all__ = ["main"]

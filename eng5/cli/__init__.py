"""The command line `eng5`."""

import os
import signal

__all__ = ["main"]


def main() -> None:
    """The entry point. Ctrl-C while the modules are still being imported ends quietly, too."""
    usual = signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from eng5.cli.app import main as run

    signal.signal(signal.SIGINT, usual)
    run()

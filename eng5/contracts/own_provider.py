"""Providers beside those of the platform."""

from enum import StrEnum


class OwnProvider(StrEnum):
    """Judges that the platform does not know, at eng5's own stand-in: people, and the user's own code."""

    HUMAN = "human"
    PLUGIN = "plugin"

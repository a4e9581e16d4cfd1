"""The fixtures of the handlers: a project, the stand-in as its platform, settings."""

from tests.handlers.conftest import clean_environment, platform, project, settings_for, standin

__all__ = ["clean_environment", "platform", "project", "settings_for", "standin"]

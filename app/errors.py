"""The application's errors. Each message says what happened, to what, and what to do about it, on one line."""

from model.errors import UserError


class SourceError(UserError):
    """An input that is missing, unreadable, empty or not a picture, video, camera or stream."""


class SinkError(UserError):
    """An output that cannot be created or written."""


class OutputError(UserError):
    """A live output that cannot be opened, or that is gone."""


class DetectorError(UserError):
    """A person detector that is unknown or cannot be loaded."""

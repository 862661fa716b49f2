"""Errors that a user can cause. Each message says what happened, to what, and what to do about it, on one line."""


class UserError(Exception):
    """Base of every error whose cause and remedy lie with the user; shown as its message alone, without a traceback."""


class CheckpointError(UserError):
    """A weight file that cannot be read, or does not fit the network it is meant for."""


class WeightsError(UserError):
    """A weight set that is unknown, absent, unreachable or damaged."""


class EngineError(UserError):
    """An inference engine or device that this machine does not offer."""


class DatasetError(UserError):
    """Annotations or training data that are absent or malformed."""


class ConfigError(UserError):
    """A configuration with an unknown key or a value out of range."""

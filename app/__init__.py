"""The application around the networks."""

__version__ = "0.1.0"

"""Keeping the user's settings on disk without a wait in the window."""

import threading
from collections.abc import Callable
from pathlib import Path

from app.live.news import Failure, SettingsFailed, Tell
from app.settings import Settings, save_settings
from model.errors import ConfigError

_DELAY_S = 0.5  # a slider that is dragged is saved once


class SettingsSaver:
    """Writes the newest settings a moment after they change, on a thread of its own.

    Args:
        tell: Told where they cannot be written.
        path: The file; None for the user's own.
        save: Writes them.
    """

    def __init__(
        self, tell: Tell, path: Path | None = None, save: Callable[[Settings, Path | None], None] = save_settings
    ) -> None:
        self._tell = tell
        self._path = path
        self._save = save
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()  # one file after the other, the newest last; held without the other lock
        self._newest: Settings | None = None

    def save_soon(self, settings: Settings) -> None:
        with self._lock:
            self._newest = settings
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(_DELAY_S, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def flush(self) -> None:
        """Write now what has changed and is not yet written."""
        with self._writing:
            with self._lock:
                settings, self._newest = self._newest, None
                if self._timer is not None:
                    self._timer.cancel()
            if settings is None:
                return
            try:
                self._save(settings, self._path)
            except ConfigError as error:
                self._tell(SettingsFailed(Failure.of(error)))

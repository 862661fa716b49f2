"""Starts the window."""

import os
import signal
import sys
import threading
from types import TracebackType

import cv2  # noqa: F401  (first, so that what it does to the environment can be undone)
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication

from app.gui.assets import ASSETS
from app.gui.bridge import Bridge
from app.gui.placement import Placement
from app.gui.texts import Language
from app.gui.theme import Theme
from app.gui.window import MainWindow
from app.live.building import meanwhile
from app.live.controller import LiveController
from app.live.news import Failure, SettingsFailed, Tell, Unexpected
from app.live.opening import ANY_CAMERA
from app.live.saving import SettingsSaver
from app.settings import APP_NAME, Settings, load_settings
from model.errors import ConfigError
from model.interruption import requests_to_end

_LOOK_UP_MS = 200


def drop_plugin_path_of_opencv() -> None:
    """Undo what opencv wheels do on Linux: they tell every Qt to load their own plug-ins, which PyQt6 cannot."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if "cv2" in os.environ.get(name, ""):
            del os.environ[name]


class Desktop:
    """The application: one controller, and one window at a time.

    Args:
        controller: Does the work.
        bridge: Brings its news.
        saver: Keeps settings.
    """

    def __init__(self, controller: LiveController, bridge: Bridge, saver: SettingsSaver) -> None:
        self._controller = controller
        self._bridge = bridge
        self._saver = saver
        self._language = Language()
        self.window = self._build()

    def _build(self) -> MainWindow:
        self._language.use(self._controller.settings.window.language)
        window = MainWindow(self._controller, self._bridge, self._saver)
        window.rebuild_wanted.connect(lambda: QTimer.singleShot(0, self._rebuild))
        return window

    def _rebuild(self) -> None:
        """Make the window anew in another language, in the same place and with the same work going on."""
        former = self.window
        self._bridge.news.disconnect(former.presenter.take)
        self.window = self._build()
        self.window.restoreGeometry(former.saveGeometry())
        self.window.show()
        self.window.take_over(former)
        former.put_away()
        former.deleteLater()

    def close(self) -> bool:
        """End the work; files are whole.

        Returns:
            Whether nothing of it runs any more.
        """
        ended = self._controller.close()
        self._saver.flush()
        return ended


def tell_what_nobody_caught(tell: Tell) -> None:
    """Show errors that reached the top, and go on: by itself PyQt6 ends the program at the first one in a slot."""

    def report(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error or kind(), trace)
        if isinstance(error, Exception):
            tell(Unexpected(Failure.of(error)))

    sys.excepthook = report
    threading.excepthook = lambda thrown: report(thrown.exc_type, thrown.exc_value, thrown.exc_traceback)


def _settings_or_defaults(tell: Tell) -> Settings:
    """The user's settings; the defaults, and a message, where they cannot be read."""
    try:
        return load_settings()
    except ConfigError as error:
        tell(SettingsFailed(Failure.of(error)))
        return Settings()


def run(source: str | None = None) -> int:
    """Open the window and stay until it is closed.

    Args:
        source: What to show: a camera's index, a file, a folder or a URL; None for the first camera that works.

    Returns:
        The exit code.
    """
    drop_plugin_path_of_opencv()
    application = QApplication(sys.argv[:1])
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName("Lite-HRNet Live")
    application.setDesktopFileName(APP_NAME)
    application.setWindowIcon(QIcon(str(ASSETS / "icon.svg")))
    bridge = Bridge()
    tell_what_nobody_caught(bridge.tell)
    settings = _settings_or_defaults(bridge.tell)
    controller = LiveController(settings, bridge.tell, meanwhile=meanwhile)
    saver = SettingsSaver(bridge.tell)
    Theme(application)
    desktop = Desktop(controller, bridge, saver)
    # Python sees Ctrl-C and the like only while it runs: a timer lets it. No window is asked, for it might ask back.
    for request in requests_to_end():
        signal.signal(request, lambda *_: application.exit(0))
    look_up = QTimer()
    look_up.timeout.connect(lambda: None)
    look_up.start(_LOOK_UP_MS)
    placement = Placement()
    placement.restore(desktop.window)
    desktop.window.show()
    desktop.window.open(ANY_CAMERA if source is None else source)
    controller.apply(settings)
    code = application.exec()
    placement.keep(desktop.window)
    if not desktop.close():
        # What loads networks or waits for a device is still at it, and Python would be torn down from under it: that
        # ends in an abort.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # as in a bundle without a console
                stream.flush()
        os._exit(code)
    return code

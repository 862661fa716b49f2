"""The window without a screen, on fake sources and networks, with its settings in a temporary folder."""

import os
from pathlib import Path

import cv2  # noqa: F401  (before Qt, as in the program)
import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox

from app.gui.bridge import Bridge
from app.gui.start import Desktop, drop_plugin_path_of_opencv
from app.gui.theme import Theme
from app.live.controller import LiveController
from app.live.saving import SettingsSaver
from app.settings import Settings, WindowSettings
from tests.app.live.fakes import Builder, FakeCamera, FakeFile, opener_of

drop_plugin_path_of_opencv()


@pytest.fixture(autouse=True)
def no_modal_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that waits for an answer would hang the test: it fails instead."""

    def fail(*_: object, **__: object) -> None:
        pytest.fail("a modal box was opened")

    for kind, names in (
        (QMessageBox, ("exec", "information", "question", "warning", "critical")),
        (QFileDialog, ("exec", "getOpenFileName", "getExistingDirectory")),
        (QInputDialog, ("exec", "getText")),
    ):
        for name in names:
            monkeypatch.setattr(kind, name, fail)


class Gui:
    """A window on fakes.

    Attributes:
        sources: What can be opened, by name; "0" is `camera`.
        camera: A fake one.
        builder: Builds the fake networks.
        settings_path: Where the window keeps settings.
    """

    def __init__(self, folder: Path, qtbot, qapp: QApplication) -> None:
        if qapp.findChild(Theme) is None:
            Theme(qapp)
        self.qtbot = qtbot
        self.settings_path = folder / "settings.yaml"
        self.recordings = folder / "녹화"
        self.builder = Builder()
        self.camera = FakeCamera(size=(480, 640))
        self.sources = {
            "0": self.camera,
            "1": FakeCamera,
            "clip.mp4": lambda: FakeFile(50),
            "a.png": lambda: FakeFile(1, continuous=False),
        }
        self.bridge = Bridge()
        settings = Settings(window=WindowSettings(folder=self.recordings, language="en", theme="dark"))
        self.controller = LiveController(settings, self.bridge.tell, opener=opener_of(self.sources), build=self.builder)
        self.saver = SettingsSaver(self.bridge.tell, self.settings_path)
        self.desktop = Desktop(self.controller, self.bridge, self.saver)
        self.window.show()

    @property
    def window(self):
        return self.desktop.window

    @property
    def settings(self) -> Settings:
        return self.controller.settings

    def start(self, spec: str = "0") -> None:
        """Show a source with people."""
        self.controller.open(spec)
        self.controller.apply(self.settings)
        self.wait(lambda: self.shown() is not None and self.shown().result is not None)
        self.wait(self.window.commands.record.isEnabled)

    def shown(self):
        return self.window.picture._picture

    def wait(self, condition) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)

    def close(self) -> None:
        self.window.close()
        self.desktop.close()


@pytest.fixture
def gui(tmp_path: Path, qtbot, qapp: QApplication):
    made = Gui(tmp_path, qtbot, qapp)
    yield made
    made.close()
    made.bridge.news.disconnect(made.window.presenter.take)  # news may wait in the queue still
    made.window.deleteLater()
    made.desktop._language.use("en")  # for the tests that follow
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

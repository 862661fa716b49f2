"""The program's real start, on a real X server."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gui.start import _settings_or_defaults, drop_plugin_path_of_opencv
from app.live.news import SettingsFailed
from app.settings import Settings
from tests.app.clips import shades, write_clip
from tests.app.live.fakes import NewsList

_PROJECT = Path(__file__).parents[2]
# Ends once the window has drawn a picture, and tells on what platform that was.
_START = """
import os, signal, sys
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QGuiApplication
import app.gui.start as start

class Probe(start.MainWindow):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.picture.drawn.connect(self.tell)

    def tell(self, picture):
        print(QGuiApplication.platformName(), self.picture.width() > 300, flush=True)
        self.picture.drawn.disconnect(self.tell)
        QTimer.singleShot(0, self.fail)
        QTimer.singleShot(0, self.look)

    def fail(self):
        raise RuntimeError("a slot fell over")

    def look(self):
        if not self.banner.text.text():
            QTimer.singleShot(20, self.look)
            return
        print(self.banner.text.text(), flush=True)
        start.LiveController.processes = property(lambda controller: True)
        os.kill(os.getpid(), signal.SIGTERM)  # as where the session ends: nobody is asked whether to go on

start.MainWindow = Probe
from app.commands import main as run
sys.exit(run(["--source", sys.argv[1]]))
"""


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of the test's own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed: the real window needs an X server")
    reading, writing = os.pipe()
    arguments = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(arguments, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


def test_the_window_opens_on_x_and_closes(display: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "클립 1.mp4", shades(20))
    environment = os.environ | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "LITE_HRNET_LIVE_CACHE": str(tmp_path / "cache"),
    }
    for name in ("LITE_HRNET_LIVE_MIRROR", "QT_QPA_PLATFORM_PLUGIN_PATH"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", _START, str(clip)],
        cwd=_PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["xcb True", "An unexpected error occurred: a slot fell over"]
    assert done.stderr.count("Traceback") == 1
    assert (tmp_path / "config" / "lite-hrnet-live" / "window.ini").is_file(), "where it was is kept"


def test_without_a_display_the_program_says_so() -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells by the environment whether there is a display")
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=_PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no display")
    assert len(done.stderr.splitlines()) == 1


def test_only_the_plugin_path_of_opencv_is_dropped(monkeypatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/x/site-packages/cv2/qt/plugins")
    monkeypatch.setenv("QT_QPA_FONTDIR", "/usr/share/fonts")
    drop_plugin_path_of_opencv()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_FONTDIR"] == "/usr/share/fonts"


def test_settings_that_cannot_be_read_give_way_to_the_defaults(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("pose: {model: [", encoding="utf-8")
    monkeypatch.setattr("app.settings.user_settings_path", lambda: path)
    news = NewsList()
    assert _settings_or_defaults(news) == Settings()
    assert str(path) in news.of(SettingsFailed)[0].failure.sentence
    assert path.read_text(encoding="utf-8") == "pose: {model: ["

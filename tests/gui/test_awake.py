"""The display is kept on through the desktop's own service."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SESSION = """
import sys
from PyQt6.QtCore import QCoreApplication, QObject, QTimer, pyqtClassInfo, pyqtSlot
from PyQt6.QtDBus import QDBusConnection
from app.gui.awake import KeepAwake

@pyqtClassInfo("D-Bus Interface", "org.freedesktop.ScreenSaver")
class ScreenSaver(QObject):
    @pyqtSlot(str, str, result="uint")
    def Inhibit(self, application, reason):
        cookies.append(42 + len(cookies))
        print("inhibit", application, flush=True)
        return cookies[-1]

    @pyqtSlot("uint")
    def UnInhibit(self, cookie):
        print("uninhibit", cookie, flush=True)

application, cookies = QCoreApplication([]), []
service, bus = ScreenSaver(), QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "service")
assert bus.registerObject("/org/freedesktop/ScreenSaver", service, QDBusConnection.RegisterOption.ExportAllSlots)
assert bus.registerService("org.freedesktop.ScreenSaver")
awake = KeepAwake()
for on in (True, False, True, True):  # the first wish is taken back before its answer has come
    awake.set(on)
QTimer.singleShot(700, lambda: awake.set(False))
QTimer.singleShot(1400, application.quit)
application.exec()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no D-Bus")
def test_every_wish_is_told_once_and_taken_back() -> None:
    if shutil.which("dbus-run-session") is None:
        pytest.skip("dbus-run-session is not installed: the test needs a session bus of its own")
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", _SESSION],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = ["inhibit Lite-HRNet Live"] * 2 + ["uninhibit 42", "uninhibit 43"]
    assert sorted(done.stdout.splitlines()) == told, done.stderr

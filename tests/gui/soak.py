"""How long the window's thread pauses, how old the picture is, and what memory does, under a slow network.

    python -m tests.gui.soak --seconds 300

opens the window on a fake camera and a fake network, without a screen unless QT_QPA_PLATFORM says otherwise, and prints
a line every ten seconds. It exits with 1 where a pause of 50 ms, a picture two inferences old, or memory that grows by
more than a tenth was seen after the first ten seconds.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2  # noqa: F401  (before Qt, as in the program)
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication

from app.gui.bridge import Bridge
from app.gui.start import Desktop, drop_plugin_path_of_opencv
from app.gui.theme import Theme
from app.live.controller import LiveController
from app.live.news import LivePicture
from app.live.saving import SettingsSaver
from app.settings import Settings
from tests.app.live.fakes import Builder, FakeCamera, opener_of

_TICK_MS = 2
_REPORT_S = 10.0
_LONGEST_PAUSE_S = 0.05


@dataclass
class Soak:
    """What was seen since the last report; times in seconds."""

    pauses_s: list[float] = field(default_factory=list)
    ages_s: list[float] = field(default_factory=list)
    memory_bytes: int = 0

    def line(self) -> str:
        ages = self.ages_s or [float("nan")]
        return (
            f"longest pause {1000 * max(self.pauses_s, default=0):.0f} ms, picture {sum(ages) / len(ages):.3f} s old, "
            f"at most {max(ages):.3f} s, {len(self.ages_s)} pictures, memory {self.memory_bytes / 1e6:.0f} MB"
        )


class Watch:
    """Measures a window while the event loop runs.

    Args:
        desktop: Its window.
        controller: What it shows.
    """

    def __init__(self, desktop: Desktop, controller: LiveController) -> None:
        self.now = Soak()
        self._controller = controller
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)
        desktop.window.picture.drawn.connect(self._drawn)

    def take(self) -> Soak:
        """What was seen since the last call."""
        seen, self.now = self.now, Soak()
        seen.memory_bytes = _memory_bytes()
        return seen

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.now.pauses_s.append(now - self._last)
        self._last = now

    def _drawn(self, picture: LivePicture) -> None:
        if picture.result is not None:
            self.now.ages_s.append(time.perf_counter() - picture.captured_at)


def _memory_bytes() -> int:
    """What this process occupies now; 0 on systems that do not tell as Linux does."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if told.is_file() else 0


def run(seconds: float, fps: float, inference_s: float, size: tuple[int, int]) -> int:
    """Watch the window for so long; 1 where something was out of bounds."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    drop_plugin_path_of_opencv()
    application = QApplication(sys.argv[:1])
    Theme(application)
    bridge, builder = Bridge(), Builder()
    builder.inference_s = inference_s
    opener = opener_of({"0": FakeCamera(1 / fps, size)})
    controller = LiveController(Settings(), bridge.tell, opener=opener, build=builder)
    reports: list[Soak] = []
    with tempfile.TemporaryDirectory() as folder:
        desktop = Desktop(controller, bridge, SettingsSaver(bridge.tell, Path(folder) / "settings.yaml"))
        watch = Watch(desktop, controller)

        def report() -> None:
            for pipeline in builder.pipelines:
                pipeline.seen.clear()  # the fake keeps every frame
            reports.append(watch.take())
            print(reports[-1].line(), flush=True)

        timer = QTimer()
        timer.timeout.connect(report)
        timer.start(round(1000 * _REPORT_S))
        desktop.window.show()
        controller.open("0")
        controller.apply(controller.settings)
        QTimer.singleShot(round(1000 * seconds), application.quit)
        application.exec()
        desktop.window.close()
        desktop.close()
    settled = reports[1:]
    if not settled:
        return 0
    slow = any(max(seen.pauses_s, default=0) > _LONGEST_PAUSE_S for seen in settled)
    late = any(max(seen.ages_s, default=0) > 2 * inference_s for seen in settled)
    grown = settled[-1].memory_bytes > 1.1 * settled[0].memory_bytes
    for wrong, what in ((slow, "the window paused"), (late, "the picture was late"), (grown, "memory grew")):
        if wrong:
            print(what)
    return int(slow or late or grown)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--fps", type=float, default=30, help="of the camera")
    parser.add_argument("--inference", type=float, default=0.3, help="seconds that the network takes for a frame")
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--width", type=int, default=1280)
    wanted = parser.parse_args()
    sys.exit(run(wanted.seconds, wanted.fps, wanted.inference, (wanted.height, wanted.width)))

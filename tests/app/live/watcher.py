"""A reader on a file that is not real."""

from app.live.reader import Arrival, Opened, Reader
from app.sources.video_file import VideoFileSource
from tests.app.live.fakes import FakeFile, NewsList, wait_for


class Watcher:
    """Runs a reader on a fake file and keeps what it delivers."""

    def __init__(self, source: FakeFile | VideoFileSource) -> None:
        self.arrivals: list[Arrival] = []
        self.news = NewsList()
        self.reader = Reader(1, "clip.mp4", lambda: Opened("clip.mp4", source), self.arrivals.append, self.news)
        self.transport = self.reader.transport

    def numbers(self) -> list[int]:
        return [arrival.frame.index for arrival in self.arrivals]

    def times(self) -> list[float]:
        return [round(arrival.frame.time_s, 3) for arrival in self.arrivals]

    def command(self, deed) -> None:
        """Give a command that shows one frame, and wait for that."""
        count = len(self.arrivals)
        deed(self.transport)
        wait_for(lambda: len(self.arrivals) > count and self.shows(self.arrivals[-1].frame.time_s))

    def shows(self, time_s: float) -> bool:
        return self.transport.playback().position_s == time_s

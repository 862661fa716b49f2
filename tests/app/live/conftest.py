"""What the tests of the live view have in common."""

from collections.abc import Iterator

import pytest

from app.sources.video_file import VideoFileSource
from tests.app.live.fakes import FakeFile, Live
from tests.app.live.watcher import Watcher


@pytest.fixture
def live() -> Iterator[Live]:
    made = Live()
    yield made
    assert made.controller.close()


@pytest.fixture
def watch(request):
    watchers = []

    def start(source: FakeFile | VideoFileSource, **state) -> Watcher:
        watcher = Watcher(source)
        if "loop" in state:
            watcher.transport.set_loop(state["loop"])
        if state.get("paused"):
            watcher.transport.pause()
        watchers.append(watcher)
        watcher.reader.start()
        return watcher

    yield start
    for watcher in watchers:
        watcher.reader.stop()
        watcher.reader.join(5)
        assert not watcher.reader.is_alive()

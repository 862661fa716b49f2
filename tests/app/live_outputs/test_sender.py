"""A sender never holds up whoever offers frames, whatever its output does."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from app.errors import OutputError
from app.live_outputs.pace import Pace
from app.live_outputs.sender import Sender
from app.results import FrameResult
from app.sinks.keypoints_jsonl import KeypointsHeader
from model.arrays import UInt8Array
from tests.app.live_outputs.examples import header, picture, result


@dataclass
class FakeOutput:
    """Notes what it is asked to do; sends only once it is let."""

    error_at: int | None = None
    let: threading.Event = field(default_factory=threading.Event)
    sending: threading.Event = field(default_factory=threading.Event)
    log: list[str] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    address: str = "fake://somewhere"
    receivers: int | None = 3

    def begin(self, header: KeypointsHeader) -> None:
        self._note(f"begin {header.source}")

    def send(self, drawn: Callable[[], UInt8Array], result: FrameResult) -> None:
        self.sending.set()
        assert self.let.wait(10)
        self._note(f"frame {result.frame_index}, picture {drawn()[0, 0, 0]}")
        if result.frame_index == self.error_at:
            raise OutputError("the cable is cut; mend it")

    def close(self) -> None:
        self._note("close")

    def _note(self, deed: str) -> None:
        self.log.append(deed)
        self.threads.add(threading.current_thread().name)


def offer(sender: Sender, index: int, source: str = "a.mp4") -> None:
    sender.offer(header(source), lambda: picture(index), result(index))


def test_while_the_output_is_busy_the_newest_frame_replaces_those_that_wait() -> None:
    output = FakeOutput()
    with Sender("fake", lambda: output) as sender:
        offer(sender, 0)
        assert output.sending.wait(10)
        for index in range(1, 101):  # all are taken from us while frame 0 is stuck in the output
            offer(sender, index)
        output.let.set()
    assert output.log == ["begin a.mp4", "frame 0, picture 0", "frame 100, picture 100", "close"]
    assert output.threads == {"output fake"}


def test_a_new_source_is_announced_before_its_first_frame() -> None:
    output = FakeOutput()
    with Sender("fake", lambda: output) as sender:
        offer(sender, 0, "a.mp4")
        assert output.sending.wait(10)
        offer(sender, 7, "b.mp4")
        output.let.set()
    assert output.log == ["begin a.mp4", "frame 0, picture 0", "begin b.mp4", "frame 7, picture 7", "close"]


def test_what_ends_the_output_is_kept_and_offers_go_nowhere() -> None:
    output = FakeOutput(error_at=0)
    output.let.set()
    sender = Sender("fake", lambda: output)
    sender.wait_until_open()
    assert sender.state().address == "fake://somewhere"
    assert sender.state().receivers == 3
    offer(sender, 0)
    sender.join(10)
    offer(sender, 1)
    assert str(sender.state().failure) == "the cable is cut; mend it"
    with pytest.raises(OutputError, match="mend it"):
        sender.check()
    assert output.log == ["begin a.mp4", "frame 0, picture 0", "close"]


def test_an_error_is_raised_where_the_block_ends() -> None:
    output = FakeOutput(error_at=0)
    output.let.set()
    with pytest.raises(OutputError, match="mend it"), Sender("fake", lambda: output) as sender:
        offer(sender, 0)


def test_an_error_on_its_way_is_not_replaced() -> None:
    output = FakeOutput(error_at=0)
    output.let.set()
    sender = Sender("fake", lambda: output)
    offer(sender, 0)
    sender.__exit__(KeyError, KeyError(), None)
    assert sender.state().failure is not None


def test_an_output_that_cannot_be_opened_is_told() -> None:
    def fail() -> FakeOutput:
        raise OutputError("no such host; check its name")

    sender = Sender("fake", fail)
    with pytest.raises(OutputError, match="no such host"):
        sender.wait_until_open()
    assert sender.state().address is None
    assert sender.state().failure is not None
    offer(sender, 0)
    sender.join(10)


def test_stopping_does_not_wait_for_an_output_that_is_stuck() -> None:
    output = FakeOutput()
    sender = Sender("fake", lambda: output)
    offer(sender, 0)
    assert output.sending.wait(10)
    sender.stop()
    assert sender.is_alive()
    output.let.set()
    sender.join(10)
    assert output.log[-1] == "close"


def test_pace_holds_early_frames_back_and_never_hurries_after_late_ones() -> None:
    now = [100.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    pace = Pace(lambda: now[0], sleep)
    pace.wait_for(0.0)
    now[0] += 0.01
    pace.wait_for(0.04)
    assert slept == [0.03]
    now[0] += 5.0
    pace.wait_for(0.08)
    pace.wait_for(0.12)
    assert slept == [0.03, 0.04]


def test_after_its_end_pace_holds_nothing_back() -> None:
    pace = Pace()
    pace.wait_for(0.0)
    waiting = threading.Thread(target=lambda: [pace.wait_for(60.0), pace.wait_for(120.0)], daemon=True)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    pace.end()
    waiting.join(10)
    assert not waiting.is_alive()

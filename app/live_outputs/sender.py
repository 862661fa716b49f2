"""A live output on a thread of its own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from app.live_outputs import LiveOutput
from app.results import FrameResult
from app.sinks.keypoints_jsonl import KeypointsHeader
from app.sources.latest_frame import Latest
from model.arrays import UInt8Array

_CLOSE_S = 2.0


@dataclass(frozen=True)
class SenderState:
    """How a live output does.

    Attributes:
        address: Where a receiver finds it; None while it is being opened.
        receivers: How many are listening; None where that cannot be known.
        failure: What ended it; None while it works.
    """

    address: str | None
    receivers: int | None
    failure: Exception | None


@dataclass(frozen=True, eq=False)
class _Shown:
    header: KeypointsHeader
    drawn: Callable[[], UInt8Array]
    result: FrameResult


class Sender(threading.Thread):
    """Opens an output and sends it the newest frame; older ones that still wait are dropped.

    Whatever the output does, whoever offers frames never waits for it.

    Args:
        name: Of the output, for the thread.
        open_output: Opens it, on the sender's thread.
    """

    def __init__(self, name: str, open_output: Callable[[], LiveOutput]) -> None:
        super().__init__(name=f"output {name}", daemon=True)
        self._open_output = open_output
        self._output: LiveOutput | None = None
        self._newest: Latest[_Shown] = Latest()
        self._settled = threading.Event()
        self._failure: Exception | None = None
        self.start()

    def offer(self, header: KeypointsHeader, drawn: Callable[[], UInt8Array], result: FrameResult) -> None:
        """Send a frame unless a newer one comes first; never waits.

        Args:
            header: Of the source; where it differs from the one before, another source begins.
            drawn: Gives the frame with its people drawn in, (H, W, 3) uint8 BGR; called on the sender's thread.
            result: Of that frame.
        """
        self._newest.put(_Shown(header, drawn, result))

    def state(self) -> SenderState:
        output = self._output
        if output is None:
            return SenderState(None, None, self._failure)
        return SenderState(output.address, output.receivers, self._failure)

    def wait_until_open(self) -> None:
        """Wait for the output to be open.

        Raises:
            OutputError: It cannot be opened.
        """
        self._settled.wait()
        self.check()

    def check(self) -> None:
        """Raise what ended the output, where something has.

        Raises:
            OutputError: The output is gone.
        """
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End after the frame that waits; does not wait for that."""
        self._newest.close()

    def run(self) -> None:
        try:
            self._output = output = self._open_output()
        except Exception as error:  # told by check and state
            self._failure = error
            return
        finally:
            self._settled.set()
        try:
            self._send(output)
        except Exception as error:
            self._failure = error
        finally:
            output.close()

    def _send(self, output: LiveOutput) -> None:
        header = None
        while (shown := self._newest.take()) is not None:
            if shown.header != header:
                output.begin(shown.header)
                header = shown.header
            output.send(shown.drawn, shown.result)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and wait a moment for it; where no other error is on its way, raise what ended the output before."""
        self.stop()
        self.join(_CLOSE_S)
        if error is None:
            self.check()

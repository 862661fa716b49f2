"""What other programs take from a source while it runs: joints over OSC or WebSocket, the picture as a camera."""

from collections.abc import Callable
from typing import Protocol

from app.results import FrameResult
from app.sinks.keypoints_jsonl import KeypointsHeader
from model.arrays import UInt8Array


class LiveOutput(Protocol):
    """Sends results to whoever listens; nobody has to. One thread uses it; its methods may take their time."""

    @property
    def address(self) -> str:
        """Where a receiver finds it, for people to read."""

    @property
    def receivers(self) -> int | None:
        """How many are listening; None where that cannot be known."""

    def begin(self, header: KeypointsHeader) -> None:
        """Another source, or the first one, begins.

        Raises:
            OutputError: The output cannot show this source.
        """

    def send(self, drawn: Callable[[], UInt8Array], result: FrameResult) -> None:
        """Send the next frame of the source that has begun.

        Args:
            drawn: Gives the frame with its people drawn in, (H, W, 3) uint8 BGR.
            result: Of that frame.

        Raises:
            OutputError: The output is gone; a receiver that is gone is none.
        """

    def close(self) -> None:
        """Send what is waiting, for a moment at most, and let go."""

"""A network stream as a capture device."""

import threading
import time
from collections.abc import Iterator

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.address import without_password
from app.errors import SourceError
from app.sources.decoded_frame import FrameConverter
from app.sources.devices import CaptureMode
from app.sources.video_file import SEGMENTED_FORMATS, what_failed
from model.arrays import UInt8Array

_OPEN_TIMEOUT_S = 10.0
_READ_TIMEOUT_S = 10.0  # HTTP live streams come in pieces of several seconds
_STALL_S = 1.0
_LARGEST_STEP_S = 2.0
_MOST_BEHIND_S = 10.0


class PlayoutClock:
    """Tells when each frame of a stream in segments is due, so that a segment is not shown as fast as it decodes.

    It is anchored at the first frame, and anew where the stream's own times jump, and after a stall: what follows is
    then in step again rather than chased at full speed, which would only end in waiting for the next segment.

    Attributes:
        behind_s: By how much stalls have put off what is shown, all together.
    """

    def __init__(self) -> None:
        self.behind_s = 0.0
        self._offset_s: float | None = None  # from the stream's times to the machine's
        self._last_s = 0.0

    def hold_s(self, time_s: float, now_s: float) -> float:
        """How long to hold back a frame that is there now; never longer than frames may be apart."""
        step_s, self._last_s = time_s - self._last_s, time_s
        if self._offset_s is None or not 0.0 <= step_s <= _LARGEST_STEP_S:
            if self._offset_s is not None:  # segments that were left out make up for stalls
                self.behind_s = max(self.behind_s - max(step_s, 0.0), 0.0)
            self._offset_s = now_s - time_s
        late_s = now_s - (time_s + self._offset_s)
        if late_s > _STALL_S:  # less is caught up with
            self._offset_s += late_s
            self.behind_s += late_s
        return max(-late_s, 0.0)


class StreamDevice:
    """A live stream (rtsp, http, udp, srt, rtmp ...), through PyAV.

    One that comes in segments (HLS, DASH) is read at the pace of its frames' own times, any other as it comes.

    Args:
        url: With user name and password where the server asks for them.
    """

    def __init__(self, url: str) -> None:
        """Connect.

        Raises:
            SourceError: Nothing answers, access is denied, or there is no video in what comes.
        """
        # TCP loses no packets on the way; without a buffer, the newest frame is the one shown.
        options = {"fflags": "nobuffer"} | ({"rtsp_transport": "tcp"} if url.startswith(("rtsp:", "rtsps:")) else {})
        try:
            self._container = av.open(
                url, mode="r", options=options, timeout=(_OPEN_TIMEOUT_S, _READ_TIMEOUT_S), metadata_errors="replace"
            )
        except av.FFmpegError as error:
            raise SourceError(
                f"cannot open {without_password(url)}: {what_failed(error)}; check the address and the network"
            ) from error
        stream = self._container.streams.best("video")
        if not isinstance(stream, VideoStream):
            self._container.close()
            raise SourceError(f"{without_password(url)} sends no video; check the address")
        stream.thread_type = "SLICE"  # decoding whole frames in parallel would hold several back
        self._converter = FrameConverter(stream.sample_aspect_ratio)
        rate = stream.average_rate or stream.guessed_rate
        self.mode: CaptureMode | None = CaptureMode(stream.height, stream.width, float(rate or 0))
        self._clock = PlayoutClock() if self._container.format.name in SEGMENTED_FORMATS else None
        self._closed = threading.Event()
        self._frames = self._decoded(stream)

    def read(self) -> UInt8Array | None:
        try:
            frame = next(self._frames, None)
            return None if frame is None or not self._wait_until_due(frame) else self._converter.to_bgr(frame)
        except av.FFmpegError:  # the connection broke, nothing came for too long, or it is no picture after all
            return None

    def close(self) -> None:
        self._closed.set()
        self._container.close()

    def _wait_until_due(self, frame: VideoFrame) -> bool:
        """Hold a frame of a segment back; False where it is not wanted: closed meanwhile, or far from live by now."""
        if self._clock is None or frame.time is None:
            return True
        hold_s = self._clock.hold_s(frame.time, time.perf_counter())
        # A playlist may reach back for hours, and every stall adds to the delay: opened anew, it starts near its end.
        return self._clock.behind_s <= _MOST_BEHIND_S and not self._closed.wait(hold_s)

    def _decoded(self, stream: VideoStream) -> Iterator[VideoFrame]:
        for packet in self._container.demux(stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError:  # damaged on the way; the next key frame mends it
                continue
            yield from (frame for frame in frames if not frame.is_corrupt)

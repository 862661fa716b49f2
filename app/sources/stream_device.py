"""A network stream as a capture device."""

from collections.abc import Iterator

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.address import without_password
from app.errors import SourceError
from app.sources.decoded_frame import FrameConverter
from app.sources.devices import CaptureMode
from app.sources.video_file import what_failed
from model.arrays import UInt8Array

_OPEN_TIMEOUT_S = 10.0
_READ_TIMEOUT_S = 10.0  # HTTP live streams come in pieces of several seconds


class StreamDevice:
    """A live stream (rtsp, http, udp, srt, rtmp ...), through PyAV.

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
        self._frames = self._decoded(stream)

    def read(self) -> UInt8Array | None:
        try:
            frame = next(self._frames, None)
            return None if frame is None else self._converter.to_bgr(frame)
        except av.FFmpegError:  # the connection broke, nothing came for too long, or it is no picture after all
            return None

    def close(self) -> None:
        self._container.close()

    def _decoded(self, stream: VideoStream) -> Iterator[VideoFrame]:
        for packet in self._container.demux(stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError:  # damaged on the way; the next key frame mends it
                continue
            yield from (frame for frame in frames if not frame.is_corrupt)

"""Video files, frame by frame with their own times."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path, PurePath
from typing import cast
from urllib.parse import urlsplit

import av
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.address import without_password
from app.closing import ClosedAtExit
from app.errors import SourceError
from app.results import Frame
from app.sources.decoded_frame import FrameConverter

_NETWORK_TIMEOUT_S = 10.0
_FALLBACK_FPS = 25.0
_SEEK_TOLERANCE_S = 0.001
_SEEK_BACK_S = (0.0, 2.0, 10.0, float("inf"))  # how much earlier a key frame is looked for, in turn
_TIME_BASE = Fraction(1, 1_000_000)  # of a container's own duration
SEGMENTED_FORMATS = frozenset({"hls", "dash"})  # a playlist's bytes are its own, not those of what it lists
_ENDLESS_FORMATS = SEGMENTED_FORMATS | {"mpjpeg"}  # for its pictures without end, a camera may state any length
_TEXT_FORMATS = frozenset({"tty", "bin", "xbin", "adf", "idf"})  # FFmpeg draws plain text as a film of a terminal
_HEIF_SUFFIXES = frozenset({".heic", ".heif"})


class VideoFileSource(ClosedAtExit):
    """A video file, or one behind a URL; also an animated GIF. Every iteration starts at the first frame.

    Frames that the decoder gives up or marks as damaged are left out and counted in `damaged_frames`, as are those that
    the index of a truncated file lists beyond its end.

    Attributes:
        location: The file or its address.
        start_s: The first frame's time on the file's own clock, in seconds; what the file's audio is aligned by.
        has_end: Whether it states its length, in seconds or in bytes; what an address gives may be a live stream.
    """

    is_live = False
    continuous = True

    def __init__(self, location: Path | str) -> None:
        """Open the file and decode its first frame.

        Raises:
            SourceError: Not a video, no frame in it decodes, or a network address that does not answer.
        """
        self.location = location
        self.name = location.name if isinstance(location, Path) else without_password(location)
        self._shown = str(location) if isinstance(location, Path) else self.name
        self._closed = threading.Event()
        self.damaged_frames = 0
        self.start_s = 0.0
        with self._open() as container:
            stream = self._video_stream(container)
            rate = stream.average_rate or stream.guessed_rate
            self.fps = float(rate) if rate and 0 < rate <= 1000 else None
            self.frame_count = stream.frames or None
            self.duration_s = _duration_s(container, stream)
            states_bytes = container.size > 0 and container.format.name not in _ENDLESS_FORMATS
            self.has_end = states_bytes or self.duration_s is not None
            with closing(self._frames(container)) as frames:
                first = next(frames, None)
        if first is None:
            raise SourceError(f"no frame of {self._shown} can be decoded; the file is damaged or holds no frames")
        self.size = first.size

    def __iter__(self) -> Iterator[Frame]:
        with self._open() as container:
            yield from self._frames(container)

    def frames_from(self, time_s: float) -> Generator[Frame, None, None]:
        """Iterate from the first frame at or after a time; beyond the last frame there is that one.

        Decoding begins at the key frame before it. Times are the file's own, as of a whole iteration, but where its
        clock was set back they may differ by what was lost; frames are numbered by time and nominal rate.
        """
        with self._open() as container:
            if time_s <= 0:
                yield from self._frames(container)
                return
            stream = self._video_stream(container)
            stream.thread_type = "AUTO"
            converter = FrameConverter(stream.sample_aspect_ratio)

            def numbered(decoded: VideoFrame, here_s: float) -> Frame:
                return Frame(round(here_s * (self.fps or _FALLBACK_FPS)), here_s, converter.to_bgr(decoded))

            before = None
            for decoded, here_s in self._decoded_around(container, stream, time_s):
                if here_s >= time_s - _SEEK_TOLERANCE_S:
                    before = None
                    yield numbered(decoded, here_s)
                else:
                    before = decoded, here_s
            if before is not None and not self._closed.is_set():
                yield numbered(*before)

    def close(self) -> None:
        """End a running iteration at its next frame."""
        self._closed.set()

    def _frames(self, container: InputContainer) -> Generator[Frame, None, None]:
        self.damaged_frames = 0
        stream = self._video_stream(container)
        stream.thread_type = "AUTO"
        converter = FrameConverter(stream.sample_aspect_ratio)
        clock = PresentationClock(stream.time_base, self.fps)
        for index, decoded in enumerate(self._decoded(container, stream)):
            time_s = clock.seconds(decoded.pts)
            if index == 0:
                self.start_s = clock.start_s
            yield Frame(index, time_s, converter.to_bgr(decoded))
        self.damaged_frames += self._frames_cut_off(stream)

    def _decoded_around(
        self, container: InputContainer, stream: VideoStream, time_s: float
    ) -> Iterator[tuple[VideoFrame, float]]:
        """Frames and their times from a key frame at or before a time on.

        MPEG's transport and program streams have no index: a seek there ends at some packet of about that time, from
        where the first frame that can be decoded may be the next key frame, too late.
        """
        time_base = stream.time_base or _TIME_BASE
        for back_s in _SEEK_BACK_S:
            from_s = max(self.start_s + time_s - back_s, 0.0)
            with suppress(av.FFmpegError):  # what cannot be sought in is read from its beginning
                container.seek(int(from_s / time_base), stream=stream)
            clock = PresentationClock(stream.time_base, self.fps, origin=round(self.start_s / time_base))
            frames = self._timed(self._decoded(container, stream), clock)
            first = next(frames, None)
            if first is not None and (first[1] <= time_s + _SEEK_TOLERANCE_S or from_s == 0):
                yield first
                yield from frames
                return

    @staticmethod
    def _timed(frames: Iterator[VideoFrame], clock: PresentationClock) -> Iterator[tuple[VideoFrame, float]]:
        for decoded in frames:
            yield decoded, clock.seconds(decoded.pts)

    def _open(self) -> InputContainer:
        try:
            return open_container(self.location)
        except av.FFmpegError as error:
            if isinstance(self.location, Path):
                remedy = "check that it is a video or a picture, complete and not encrypted"
            else:
                remedy = "check the address and the network"
            raise SourceError(f"cannot open {self._shown}: {what_failed(error)}; {remedy}") from error

    def _video_stream(self, container: InputContainer) -> VideoStream:
        """The main video stream; cover pictures of audio files do not count."""
        streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
        if container.format.name in _TEXT_FORMATS:
            raise SourceError(f"{self._shown} is text, not a video or a picture; give one of those")
        address = self.location if isinstance(self.location, Path) else urlsplit(self.location).path
        if PurePath(address).suffix.lower() in _HEIF_SUFFIXES:
            raise SourceError(f"{self._shown} is a HEIF picture, stored as tiles; save it as JPEG or PNG first")
        if not streams:
            has_audio = "only audio" if container.streams.audio else "no video"
            raise SourceError(f"{self._shown} holds {has_audio}; give a file with a video stream in it")
        best = container.streams.best("video")
        stream = best if isinstance(best, VideoStream) and best in streams else streams[0]
        if cast("CodecContext | None", stream.codec_context) is None:
            raise SourceError(f"{self._shown} is coded in a way that cannot be decoded here; convert it to H.264")
        return stream

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        packets = container.demux(stream)  # ends with an empty packet, which draws the last frames from the decoder
        at_end = False
        while not at_end and not self._closed.is_set():
            packet: Packet[VideoStream] | None = None
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.InvalidDataError:  # nothing after this point can be found again
                self.damaged_frames += 1
                at_end = True
            except av.FFmpegError as error:
                raise SourceError(
                    f"reading {self._shown} stopped: {what_failed(error)}; check the disk or network and start again"
                ) from error
            try:
                frames = stream.decode(packet)
            except av.FFmpegError:
                self.damaged_frames += 1
                frames = []
            for frame in frames:
                if self._closed.is_set():
                    return
                if frame.is_corrupt:
                    self.damaged_frames += 1
                else:
                    yield frame

    def _frames_cut_off(self, stream: VideoStream) -> int:
        if not isinstance(self.location, Path):
            return 0
        length = self.location.stat().st_size
        return sum(entry.pos >= length for entry in stream.index_entries)


class PresentationClock:
    """Turns presentation timestamps into seconds from the first frame, never standing still or running back.

    Attributes:
        shift_s: What is added to the file's own times by now, where its clock was set back on the way.
    """

    LARGEST_SLIP_S = 1.0
    _NUDGE_S = 0.001

    def __init__(self, time_base: Fraction | None, fps: float | None, origin: int | None = None) -> None:
        self._time_base = time_base or Fraction(1, 1000)
        self._step_s = 1.0 / (fps or _FALLBACK_FPS)
        self._origin = origin
        self.shift_s = 0.0
        self._last_s: float | None = None

    @property
    def start_s(self) -> float:
        return float((self._origin or 0) * self._time_base)

    def seconds(self, pts: int | None) -> float:
        if pts is not None and self._origin is None:
            self._origin = pts
            if self._last_s is not None:  # frames without a timestamp came first
                self.shift_s = self._last_s + self._step_s
        if pts is None or self._origin is None:
            time_s = 0.0 if self._last_s is None else self._last_s + self._step_s
        else:
            time_s = float((pts - self._origin) * self._time_base) + self.shift_s
            if self._last_s is not None and time_s <= self._last_s:
                if self._last_s - time_s < self.LARGEST_SLIP_S:
                    time_s = self._last_s + self._NUDGE_S
                else:  # the clock was set back, as where two recordings were joined: go on from here
                    self.shift_s += self._last_s + self._step_s - time_s
                    time_s = self._last_s + self._step_s
        self._last_s = time_s
        return time_s


def open_container(location: Path | str) -> InputContainer:
    """Open a file, or what an address gives, for demuxing; an address that falls silent raises after a while.

    Titles and the like may be in any encoding; nobody reads them here.

    Raises:
        av.FFmpegError: It cannot be opened.
    """
    if isinstance(location, Path):
        # The prefix keeps FFmpeg from taking a colon in a file's name for a protocol.
        return av.open(f"file:{location}", mode="r", metadata_errors="replace")
    return av.open(location, mode="r", timeout=_NETWORK_TIMEOUT_S, metadata_errors="replace")


def what_failed(error: av.FFmpegError) -> str:
    """FFmpeg's error in a user's words."""
    return "nothing came for too long" if isinstance(error, av.ExitError) else error.strerror or str(error)


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(container.duration * _TIME_BASE) if container.duration else None

"""Overlay videos: H.264 with the frames' own times and the original's sound."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from app.closing import ClosedAtExit
from app.errors import SinkError
from app.sinks import VIDEO_SUFFIXES, create_folder_of, unknown_suffix, write_error
from app.sinks.audio_track import AudioTrack
from app.sinks.fitting import fitted
from model.arrays import UInt8Array

_TIME_BASE = Fraction(1, 90_000)  # holds 24, 25, 30, 50 and 60 frames a second and their 1000/1001 kin exactly
_KEY_FRAME_EVERY_S = 1.0
_FALLBACK_FPS = 25.0
_LOWEST_FPS, _HIGHEST_FPS = 1 / 86_400, 1000.0  # a picture a day
_NO_OTHER_KEY_FRAMES = 1_000_000  # pictures; they are set by time

# A fragmented file that plays at any time while it grows, and becomes an ordinary one with an index when closed. Its
# head waits for the first packets ("delay_moov"), so that it can tell of a track that begins late.
# Pictures wait for sound that has ended, or pauses, no longer than a second (in microseconds; usually ten).
_GROWING = {"flush_packets": "1", "max_interleave_delta": "1000000"}
_QUICKTIME_OPTIONS = {"movflags": "hybrid_fragmented+frag_keyframe+default_base_moof+delay_moov", **_GROWING}
_CONTAINER_OPTIONS = {
    ".mp4": _QUICKTIME_OPTIONS,
    ".mov": _QUICKTIME_OPTIONS,
    ".mkv": {"cluster_time_limit": "1000", **_GROWING},
}


class OverlayVideoSink(ClosedAtExit):
    """Writes drawn pictures as a video; holds none of them.

    The file plays at any time under its own name: a process that is killed loses about the last two seconds. Times are
    kept to 1/90000 s, in .mkv to 1 ms. A row or column is repeated where a side is odd, so that pixels keep their
    coordinates; a picture of another size (a camera changed its mode) is fitted into the frame, with black around it.

    Args:
        path: .mp4, .mov or .mkv; an existing file is replaced.
        size: (height, width) of the pictures to come.
        fps_hint: The rate they come at, where known; guides the encoder and times the last picture.
        audio_from: A file or its address, whose sound goes with the video; None for silence. A file without sound is
            fine.
        audio_start_s: The time in that file which the video's time 0 stands for.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        fps_hint: float | None = None,
        audio_from: Path | str | None = None,
        audio_start_s: float = 0.0,
    ) -> None:
        """Create the file.

        Raises:
            SinkError: An unknown suffix, or the file cannot be created.
        """
        if path.suffix.lower() not in VIDEO_SUFFIXES:
            raise unknown_suffix(path, VIDEO_SUFFIXES)
        create_folder_of(path)
        self._path = path
        self._size = size
        fps = min(max(fps_hint or _FALLBACK_FPS, _LOWEST_FPS), _HIGHEST_FPS)
        rate = Fraction(fps).limit_denominator(max(1001, round(1 / fps)))
        self._frame_s = float(1 / rate)
        self._reformatter = VideoReformatter()
        self._closed = False
        self._audio: AudioTrack | None = None
        self._last_pts = -1
        self._encodes = False
        self._key_frame_s = -_KEY_FRAME_EVERY_S
        try:
            path.open("wb").close()  # PyAV opens the file with the first packet; a user wants to know now
            # The prefix keeps FFmpeg from taking a colon in a file's name for a protocol.
            self._container = av.open(f"file:{path}", "w", options=_CONTAINER_OPTIONS[path.suffix.lower()])
            self._stream = _add_h264(self._container, size, rate)
        except (av.FFmpegError, OSError) as error:
            raise write_error(path, error.strerror) from error
        if audio_from is not None:
            self._audio = AudioTrack.of_file(audio_from, audio_start_s, self._container)

    def write(self, image: UInt8Array, time_s: float) -> None:
        """Add a picture (H, W, 3) uint8 BGR, shown from time_s on.

        Raises:
            SinkError: It cannot be written; what came before plays.
        """
        frame = self._encoder_frame(image)
        # A container takes rising times only.
        self._last_pts = frame.pts = max(round(time_s / _TIME_BASE), self._last_pts + 1)
        frame.time_base = _TIME_BASE
        if time_s - self._key_frame_s >= _KEY_FRAME_EVERY_S:
            frame.pict_type = PictureType.I
            self._key_frame_s = time_s
        self._encode(frame)
        self._write_audio(time_s)

    def close(self) -> None:
        """Write what the encoder still holds, the sound up to the end of the last picture, and the index.

        A file that no picture came for is removed.

        Raises:
            SinkError: The file cannot be completed; what is in it plays.
        """
        if self._closed:
            return
        if self._last_pts < 0:  # nothing is begun that could be completed
            self._let_go()
            with suppress(OSError):
                self._path.unlink()
            return
        self._encode(None)
        self._write_audio(float(self._last_pts * _TIME_BASE) + self._frame_s)
        with self._whole_or_not_at_all():
            self._container.close()
        self._let_go()

    def _encoder_frame(self, image: UInt8Array) -> VideoFrame:
        image = fitted(image, self._size)
        bottom, right = image.shape[0] % 2, image.shape[1] % 2
        if bottom or right:
            image = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        return self._reformatter.reformat(
            VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format="bgr24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR | Interpolation.ACCURATE_RND,  # or grey gets a green tint
            threads=1,  # inference comes first
        )

    def _encode(self, frame: VideoFrame | None) -> None:
        try:
            packets = self._stream.encode(frame)
        except av.FFmpegError as error:
            self._let_go()
            if self._encodes:
                raise write_error(self._path, error.strerror) from error
            self._path.unlink()
            height, width = self._size
            raise SinkError(
                f"cannot encode {self._path}: H.264 takes no pictures of {height}x{width} pixels; "
                "give smaller ones, or a folder for pictures"
            ) from error
        self._encodes = True
        for packet in packets:
            with self._whole_or_not_at_all():
                self._container.mux(packet)

    def _write_audio(self, until_s: float) -> None:
        if self._audio is not None:
            with self._whole_or_not_at_all():
                self._audio.advance(until_s)

    @contextmanager
    def _whole_or_not_at_all(self) -> Iterator[None]:
        """Take back what the block has written where it fails.

        The file ends with a whole fragment before and after, since the container writes nothing less.
        """
        whole = None
        try:
            whole = self._path.stat().st_size
            yield
        except (av.FFmpegError, OSError) as error:
            with suppress(av.FFmpegError):  # the first error is the one to tell
                self._container.close()
            self._let_go()
            if whole is not None:
                with suppress(OSError):
                    os.truncate(self._path, whole)
            raise write_error(self._path, error.strerror) from error

    def _let_go(self) -> None:
        self._closed = True
        if self._audio is not None:
            self._audio.close()


def _add_h264(container: OutputContainer, size: tuple[int, int], rate: Fraction) -> VideoStream:
    # No B-frames: every picture can be shown as soon as it is decoded, and the first one's time is 0 in any container.
    options = {"preset": "veryfast", "crf": "20", "bf": "0", "forced-idr": "1"}
    stream = container.add_stream("libx264", rate=rate, options=options, time_base=_TIME_BASE)
    height, width = size
    stream.width, stream.height = width + width % 2, height + height % 2
    stream.pix_fmt = "yuv420p"
    stream.gop_size = _NO_OTHER_KEY_FRAMES
    stream.color_range = ColorRange.MPEG
    stream.colorspace = Colorspace.ITU709
    stream.color_primaries = ColorPrimaries.BT709
    stream.color_trc = ColorTrc.BT709
    return stream

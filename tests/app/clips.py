"""Small videos for tests of sources and sinks."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from model.arrays import UInt8Array

TIME_BASE = Fraction(1, 90_000)

_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND

NOISE = [np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8) for i in range(7)]
"""Pictures that take much room in a video."""


def shade(value: int, size: tuple[int, int] = (48, 64)) -> UInt8Array:
    """A grey picture (H, W, 3)."""
    return np.full((*size, 3), value, np.uint8)


def shades(count: int, size: tuple[int, int] = (48, 64)) -> list[UInt8Array]:
    """Grey pictures that grow lighter by 8 from black, so that each tells its number."""
    return [shade(8 * i, size) for i in range(count)]


def number_of(image: UInt8Array) -> int:
    """Which of `shades` a decoded picture is."""
    return round(float(image.mean()) / 8)


def quarters(size: tuple[int, int] = (48, 64)) -> UInt8Array:
    """A picture whose corners tell its orientation: white, light, dark and black, row by row."""
    picture = shade(0, size)
    rows, columns = size[0] // 2, size[1] // 2
    picture[:rows, :columns], picture[:rows, columns:], picture[rows:, :columns] = 250, 170, 90
    return picture


def write_clip(
    path: Path,
    images: Sequence[UInt8Array],
    times_s: Iterable[float] | None = None,
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    rotation: tuple[float, bool] | None = None,
    pixel_aspect: Fraction | None = None,
    colour: dict[str, int] | None = None,
    audio_codec: str | None = None,
    audio_rate: int = 44_100,
    audio_layout: str = "mono",
    audio_after_s: float = 0.0,
) -> Path:
    """Write pictures as a clip, at 25 a second where no times are given.

    Where there is an audio codec, there are beeps, so many seconds after the first picture or later.
    """
    height, width = images[0].shape[:2]
    times = [i / 25 for i in range(len(images))] if times_s is None else list(times_s)
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=25, options={"bf": "0", **(options or {})}, time_base=TIME_BASE)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        for name, value in (colour or {}).items():
            setattr(stream, name, value)
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation is not None:
            stream.set_display_rotation(rotation[0], hflip=rotation[1])
        sound = None
        if audio_codec is not None:
            sound = container.add_stream(audio_codec, rate=audio_rate, options={"strict": "-2"})
            sound.layout = audio_layout
        for image, time_s in zip(images, times, strict=True):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            matrix = (colour or {}).get("colorspace")
            frame = frame.reformat(format=pixel_format, dst_colorspace=matrix, interpolation=_EXACT)
            frame.pts, frame.time_base = round(time_s / TIME_BASE), TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            _add_beeps(container, sound, times[0] + audio_after_s, times[-1] + 0.04)
    return path


def _add_beeps(container, stream, start_s: float, end_s: float) -> None:
    """A tone that sounds in every other half second of the clip's time."""
    rate = stream.rate
    piece, channels = rate // 50, stream.layout.nb_channels
    for first in range(round(start_s * rate), round(end_s * rate), piece):
        time_s = (first + np.arange(piece)) / rate
        wave = 20_000 * np.sin(2 * np.pi * 440 * time_s) * (np.floor(2 * time_s) % 2)
        frame = av.AudioFrame.from_ndarray(
            np.repeat(wave, channels).astype(np.int16)[None], format="s16", layout=stream.layout
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def decode(path: Path) -> tuple[list[float], list[UInt8Array]]:
    """Times and pictures of a clip, by PyAV alone."""
    with av.open(str(path)) as container:
        frames = [(frame.time, frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]
    return [time_s for time_s, _ in frames], [image for _, image in frames]


def beep_starts(path: Path) -> list[float]:
    """When the tone of a clip's sound begins, each time, in seconds of the clip."""
    loud, starts = False, []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            samples = frame.to_ndarray().astype(np.float64)
            peak = np.abs(samples).max() / (32_768 if frame.format.name.startswith("s16") else 1)
            if (peak > 0.2) and not loud:
                starts.append(float(frame.time))
            loud = bool(peak > 0.2)
    return starts


@contextmanager
def disk_for_files_up_to(size: int) -> Iterator[None]:
    """Let every file of this process grow to so many bytes only, as on a disk that fills up."""
    resource = pytest.importorskip("resource", reason="Windows sets no limit on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

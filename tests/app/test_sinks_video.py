"""Overlay videos: times, colours, and what is left when something goes wrong."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from app.errors import SinkError
from app.sinks import VIDEO_SUFFIXES, open_image_sink
from app.sinks.overlay_video import OverlayVideoSink
from app.sources.video_file import VideoFileSource
from tests.app.clips import (
    NOISE,
    beep_starts,
    decode,
    disk_for_files_up_to,
    number_of,
    quarters,
    shade,
    shades,
    write_clip,
)


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_frame_times_are_kept(tmp_path: Path, suffix: str) -> None:
    expected = [0.0, 0.04, 0.05, 0.25, 0.5, 0.501, 1.75, 5.0]
    path = tmp_path / "결과 폴더" / f"겹친 영상{suffix}"
    with open_image_sink(path, (48, 64), fps_hint=29.97) as sink:
        for image, time_s in zip(shades(8), expected, strict=True):
            sink.write(image, time_s)
    times, images = decode(path)
    assert times == pytest.approx(expected, abs=0.6e-3 if suffix == ".mkv" else 0.6 / 90_000)
    assert [number_of(image) for image in images] == list(range(8))


def test_times_that_stand_still_are_moved_on(tmp_path: Path) -> None:
    with OverlayVideoSink(tmp_path / "o.mp4", (48, 64)) as sink:
        for time_s in (0.0, 0.1, 0.1, 0.05, 0.2):
            sink.write(shade(0), time_s)
    times, _ = decode(tmp_path / "o.mp4")
    assert len(times) == 5
    assert (np.diff(times) > 0).all()


def test_last_picture_lasts_as_long_as_the_rate_says(tmp_path: Path) -> None:
    with OverlayVideoSink(tmp_path / "o.mp4", (48, 64), fps_hint=10.0) as sink:
        for i in range(5):
            sink.write(shade(i), i / 10)
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert container.duration == pytest.approx(500_000, abs=1000)


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_file_is_ordinary_and_seeks(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"o{suffix}"
    with OverlayVideoSink(path, (48, 64), fps_hint=25) as sink:
        for i in range(250):
            sink.write(shade(i), i / 25)
    assert b"moof" not in path.read_bytes()[: 32 if suffix == ".mkv" else 64]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if suffix != ".mkv":
            assert stream.frames == 250  # it has an index
        for target_s in (8.5, 3.2):
            container.seek(round(target_s * 1_000_000))
            frame = next(container.decode(stream))
            assert target_s - 1.05 <= frame.time <= target_s
            assert frame.to_ndarray(format="gray").mean() == pytest.approx(frame.time * 25, abs=3)


def test_colours_survive_and_are_declared(tmp_path: Path) -> None:
    path = tmp_path / "o.mp4"
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:24, :32], picture[:24, 32:], picture[24:, :32] = (30, 40, 200), (200, 120, 20), (60, 180, 60)
    with OverlayVideoSink(path, (48, 64)) as sink:
        sink.write(picture, 0.0)
    with VideoFileSource(path) as source:
        (frame,) = source
    for rows, columns in ((slice(4, 20), slice(4, 28)), (slice(4, 20), slice(36, 60)), (slice(28, 44), slice(4, 28))):
        np.testing.assert_allclose(frame.image[rows, columns].mean((0, 1)), picture[rows, columns].mean((0, 1)), atol=5)
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")


@pytest.mark.parametrize("size", [(47, 63), (48, 63), (1, 1), (2, 500)])
def test_odd_sizes_are_padded_so_that_pixels_stay_where_they_are(tmp_path: Path, size: tuple[int, int]) -> None:
    with OverlayVideoSink(tmp_path / "o.mp4", size) as sink:
        sink.write(quarters(size) if min(size) > 2 else shade(100, size), 0.0)
    (image,) = decode(tmp_path / "o.mp4")[1]
    assert image.shape[:2] == (size[0] + size[0] % 2, size[1] + size[1] % 2)
    if min(size) > 2:
        error = np.abs(image[: size[0], : size[1]].astype(int) - quarters(size))
        assert np.percentile(error, 95) < 12


def test_a_picture_of_another_size_is_fitted_in(tmp_path: Path) -> None:
    with OverlayVideoSink(tmp_path / "o.mp4", (48, 64)) as sink:
        sink.write(shade(200), 0.0)
        sink.write(shade(200, (480, 480)), 0.04)
        sink.write(shade(200, (10, 640)), 0.08)
    _, images = decode(tmp_path / "o.mp4")
    assert [image.shape for image in images] == [(48, 64, 3)] * 3
    assert images[1][:, 12:52].mean() == pytest.approx(200, abs=3)
    assert images[1][:, :6].mean() < 5
    assert images[2][:20].mean() < 5


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_a_first_picture_that_comes_late_stays_late(tmp_path: Path, suffix: str) -> None:
    with OverlayVideoSink(tmp_path / f"o{suffix}", (48, 64), 25) as sink:
        for i in range(5):
            sink.write(shade(i), 0.4 + i / 25)
    assert decode(tmp_path / f"o{suffix}")[0] == pytest.approx([0.4 + i / 25 for i in range(5)], abs=1e-3)


def test_a_picture_an_hour(tmp_path: Path) -> None:
    times = [3600.0 * i for i in range(3)]
    with OverlayVideoSink(tmp_path / "o.mp4", (48, 64), fps_hint=1 / 3600) as sink:
        for image, time_s in zip(shades(3), times, strict=True):
            sink.write(image, time_s)
    assert decode(tmp_path / "o.mp4")[0] == times


def test_no_picture_leaves_no_file(tmp_path: Path) -> None:
    with OverlayVideoSink(tmp_path / "o.mp4", (48, 64)):
        assert (tmp_path / "o.mp4").exists()
    assert list(tmp_path.iterdir()) == []


def test_existing_output_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "o.mp4"
    path.write_bytes(bytes(1_000_000))
    with OverlayVideoSink(path, (48, 64)) as sink:
        sink.write(shade(80), 0.0)
    assert number_of(decode(path)[1][0]) == 10
    assert path.stat().st_size < 100_000


def test_an_error_of_the_caller_leaves_a_complete_file(tmp_path: Path) -> None:
    def interrupted() -> None:
        with OverlayVideoSink(tmp_path / "o.mp4", (48, 64)) as sink:
            for i in range(40):
                sink.write(shade(i), i / 25)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(decode(tmp_path / "o.mp4")[0]) == 40


def test_unknown_suffix(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"o\.wmv: \.wmv is not written; give it one of \.mp4, \.mov, \.mkv"):
        open_image_sink(tmp_path / "o.wmv", (48, 64))


def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="cannot write"):
        OverlayVideoSink(tmp_path / "file" / "o.mp4", (48, 64))
    (tmp_path / "o.mp4").mkdir()
    with pytest.raises(SinkError, match=r"o\.mp4 is a folder"):
        OverlayVideoSink(tmp_path / "o.mp4", (48, 64))

    # Root may write anywhere, so the refusal itself comes from a stand-in.
    def denied(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(SinkError, match=r"cannot write .*o\.mkv: Permission denied; check") as caught:
        OverlayVideoSink(tmp_path / "o.mkv", (48, 64))
    assert "\n" not in str(caught.value)


def write_noise(path: Path, count: int) -> None:
    with OverlayVideoSink(path, (48, 64), 25) as sink:
        for i in range(count):
            sink.write(NOISE[i % 7], i / 25)


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
@pytest.mark.parametrize("share", [0.6, 0.97])  # while frames come; while the file is completed
def test_full_disk_leaves_a_video_that_plays(
    tmp_path: Path, suffix: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    write_noise(tmp_path / f"whole{suffix}", 100)
    limit = int(share * (tmp_path / f"whole{suffix}").stat().st_size)
    path = tmp_path / f"o{suffix}"
    with disk_for_files_up_to(limit), pytest.raises(SinkError) as caught:
        write_noise(path, 100)
    assert str(caught.value).startswith(f"cannot write {path}: File too large; check")
    assert capfd.readouterr().err == ""
    times, _ = decode(path)
    assert len(times) >= 100 * share - 50
    assert times == pytest.approx([i / 25 for i in range(len(times))], abs=1e-3)


def write_until_refused(sink: OverlayVideoSink) -> None:
    for i in range(1, 200):
        sink.write(NOISE[i % 7], i / 25)


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is written cannot be removed there")
def test_a_file_that_is_taken_away_is_told(tmp_path: Path) -> None:
    sink = OverlayVideoSink(tmp_path / "o.mp4", (48, 64))
    sink.write(NOISE[0], 0.0)
    (tmp_path / "o.mp4").unlink()
    with pytest.raises(SinkError, match=r"cannot write .*o\.mp4: No such file"):
        write_until_refused(sink)
    sink.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a process is not stopped by a signal there")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_stopped_process_leaves_videos_that_play(tmp_path: Path, name: str) -> None:
    clip = write_clip(tmp_path / "clip.mp4", shades(30) * 5, audio_codec="aac")
    code = f"""
import os, signal
from contextlib import ExitStack
from pathlib import Path
import numpy as np
from app.sinks import VIDEO_SUFFIXES, open_image_sink
noise = np.random.default_rng(0).integers(0, 255, (7, 48, 64, 3), np.uint8)
folder, clip = Path({str(tmp_path)!r}), Path({str(clip)!r})
with ExitStack() as stack:
    sinks = [
        stack.enter_context(open_image_sink(folder / f"o{{suffix}}", (48, 64), fps_hint=25, audio_from=clip))
        for suffix in VIDEO_SUFFIXES
    ]
    for i in range(120):
        for sink in sinks:
            sink.write(noise[i % 7], i / 25)
    os.kill(os.getpid(), signal.{name})
    while True:
        pass
"""
    stop = signal.Signals[name]
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == -stop
    for suffix in VIDEO_SUFFIXES:
        path = tmp_path / f"o{suffix}"
        times, _ = decode(path)
        assert 120 - len(times) <= (50 if name == "SIGKILL" else 0)  # two seconds, or nothing
        assert times == pytest.approx([i / 25 for i in range(len(times))], abs=1e-3)
        assert beep_starts(path)[0] == pytest.approx(0.5, abs=0.06)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell a process's memory")
def test_memory_stays_flat(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", shades(30) * 40, audio_codec="aac")
    pictures = shades(30, (120, 160))

    def resident_mb() -> float:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    with OverlayVideoSink(tmp_path / "o.mp4", (120, 160), 25, audio_from=clip) as sink:
        for i in range(1200):
            if i == 300:
                early = resident_mb()
            sink.write(pictures[i % 30].copy(), i / 25)
        late = resident_mb()
    assert late - early < 10  # the pictures between would be 52 MB


def test_size_that_the_encoder_refuses_is_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "o.mp4"
    with pytest.raises(SinkError, match="100x40000 pixels"), OverlayVideoSink(path, (100, 40_000)) as sink:
        sink.write(shade(0, (100, 40_000)), 0.0)
    assert not path.exists()

"""Overlay videos: times, colours, sound, and what is left when something goes wrong."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from app.errors import SinkError
from app.sinks import VIDEO_SUFFIXES, audio_track, open_image_sink
from app.sinks.overlay_video import OverlayVideoSink
from app.sources.video_file import VideoFileSource
from tests.app.clips import beep_starts, decode, disk_for_files_up_to, number_of, quarters, shade, shades, write_clip

NOISE = [np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8) for i in range(7)]


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


def _sounding_copy(clip: Path, path: Path, seconds: float | None = None) -> None:
    with (
        VideoFileSource(clip) as source,
        OverlayVideoSink(path, source.size, source.fps, audio_from=clip, audio_start_s=source.start_s) as sink,
    ):
        for frame in source:
            if seconds is not None and frame.time_s >= seconds:
                break
            sink.write(frame.image, frame.time_s)


@pytest.mark.parametrize(
    ("source", "codec", "rate", "output", "expected"),
    [
        ("a.mp4", "aac", 44_100, "o.mp4", "aac"),  # copied
        ("a.mkv", "libopus", 48_000, "o.mkv", "opus"),  # copied
        ("a.mkv", "libopus", 48_000, "o.mp4", "aac"),
        ("a.mkv", "flac", 22_050, "o.mov", "aac"),
        ("a.mov", "pcm_s16le", 44_100, "o.mp4", "aac"),
        ("a.ts", "aac", 44_100, "o.mp4", "aac"),  # coded anew: the set-up is in its packets
        ("a.avi", "libmp3lame", 44_100, "o.mp4", "mp3float"),  # copied
        ("a.mkv", "ac3", 48_000, "o.mov", "ac3"),  # copied
    ],
)
def test_sound_goes_along_in_step(
    tmp_path: Path, source: str, codec: str, rate: int, output: str, expected: str
) -> None:
    # The pictures begin 2 s into the file's clock where the container can say so; the beeps come each full second and
    # a half, as exactly as the source says.
    late = 0.0 if source.endswith(".avi") else 2.0
    times = [late + i / 25 for i in range(60)]
    clip = write_clip(tmp_path / source, shades(30) * 2, times, audio_codec=codec, audio_rate=rate)
    path = tmp_path / output
    _sounding_copy(clip, path)
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == expected
        assert stream.rate == rate
    with VideoFileSource(clip) as original:
        expected_times = [frame.time_s for frame in original]
        expected_starts = [start - original.start_s for start in beep_starts(clip)]
    assert expected_starts == pytest.approx([0.5, 1.5], abs=0.1)
    assert beep_starts(path) == pytest.approx(expected_starts, abs=0.05)  # to one packet of sound
    assert decode(path)[0] == pytest.approx(expected_times, abs=1e-3)


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_sound_that_starts_late_does_so_in_the_video(tmp_path: Path, suffix: str) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(30) * 2, audio_codec="aac", audio_after_s=0.3)
    path = tmp_path / f"o{suffix}"
    _sounding_copy(clip, path)
    with av.open(str(path)) as container:
        assert next(container.decode(audio=0)).time == pytest.approx(0.3, abs=0.05)
    assert beep_starts(path) == pytest.approx([0.5, 1.5], abs=0.05)
    assert decode(path)[0][0] == 0


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
@pytest.mark.parametrize(("codec", "rate"), [("aac", 44_100), ("ac3", 48_000)])
def test_a_growing_file_does_not_wait_for_sound_that_starts_late(
    tmp_path: Path, suffix: str, codec: str, rate: int
) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(30) * 4, audio_codec=codec, audio_rate=rate, audio_after_s=4.2)
    path = tmp_path / f"o{suffix}"
    with OverlayVideoSink(path, (48, 64), 25, audio_from=clip) as sink:
        for i in range(120):
            if i == 100:
                assert len(decode(path)[0]) >= 50  # all but two seconds
            sink.write(NOISE[i % 7], i / 25)
    assert len(decode(path)[0]) == 120
    assert beep_starts(path) == pytest.approx([4.5], abs=0.06)


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
@pytest.mark.parametrize(("after_s", "start_s"), [(0.5, 0.0), (2.0, 0.0), (2.0, 100.0)])
def test_sound_that_begins_after_the_last_picture(tmp_path: Path, suffix: str, after_s: float, start_s: float) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(30) * 2, audio_codec="ac3", audio_rate=48_000, audio_after_s=after_s)
    path = tmp_path / f"o{suffix}"
    with OverlayVideoSink(path, (48, 64), 25, audio_from=clip, audio_start_s=start_s) as sink:
        for i in range(5):
            sink.write(shade(i), i / 25)
    assert len(decode(path)[0]) == 5


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_a_first_picture_that_comes_late_stays_late(tmp_path: Path, suffix: str) -> None:
    with OverlayVideoSink(tmp_path / f"o{suffix}", (48, 64), 25) as sink:
        for i in range(5):
            sink.write(shade(i), 0.4 + i / 25)
    assert decode(tmp_path / f"o{suffix}")[0] == pytest.approx([0.4 + i / 25 for i in range(5)], abs=1e-3)


def test_sound_ends_with_the_pictures(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(30) * 5, audio_codec="aac")
    _sounding_copy(clip, tmp_path / "o.mp4", seconds=2.0)
    with av.open(str(tmp_path / "o.mp4")) as container:
        *_, last = container.decode(audio=0)
    assert last.time + last.samples / last.sample_rate == pytest.approx(2.0, abs=0.05)


def test_files_without_sound(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(5))
    _sounding_copy(clip, tmp_path / "o.mp4")
    with OverlayVideoSink(tmp_path / "p.mp4", (48, 64), audio_from=tmp_path / "absent.mp4") as sink:
        sink.write(shade(0), 0.0)
    for name in ("o.mp4", "p.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert len(container.streams) == 1


def test_damaged_sound_does_not_stop_the_pictures(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(30) * 2, audio_codec="flac")
    data = bytearray(clip.read_bytes())
    data[len(data) // 3 : len(data) // 2] = np.random.default_rng(0).bytes(len(data) // 2 - len(data) // 3)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(data)
    with OverlayVideoSink(tmp_path / "o.mp4", (48, 64), 25, audio_from=broken) as sink:
        for i in range(60):
            sink.write(shade(i), i / 25)
    assert len(decode(tmp_path / "o.mp4")[0]) == 60


@pytest.mark.parametrize(("layout", "rate"), [("stereo", 48_000), ("mono", 32_000)])
def test_sound_that_changes_its_kind_goes_on(tmp_path: Path, layout: str, rate: int) -> None:
    one = write_clip(tmp_path / "1.ts", shades(25), audio_codec="aac", audio_rate=48_000)
    times = [1 + i / 25 for i in range(25)]
    two = write_clip(tmp_path / "2.ts", shades(25), times, audio_codec="aac", audio_rate=rate, audio_layout=layout)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    path = tmp_path / "o.mp4"
    _sounding_copy(joined, path)
    assert len(decode(path)[0]) == 50
    assert beep_starts(path) == pytest.approx([0.5, 1.5], abs=0.06)


def test_sound_that_cannot_be_coded_is_left_out(tmp_path: Path) -> None:
    clip = tmp_path / "a.mkv"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=44_100, layout="mono")
        for first in range(0, 44_100, 441):
            samples = np.full((1, 441), np.nan if 10_000 < first < 20_000 else 0.5, np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="mono")
            frame.sample_rate, frame.pts = 44_100, first
            container.mux(stream.encode(frame))
    with OverlayVideoSink(tmp_path / "o.mp4", (48, 64), 25, audio_from=clip) as sink:
        for i in range(25):
            sink.write(shade(i), i / 25)
    assert len(decode(tmp_path / "o.mp4")[0]) == 25
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert [frame.time for frame in container.decode(audio=0)][-1] > 0.9


def test_sound_that_breaks_off_is_told_and_the_pictures_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Breaking:
        """As an address that falls silent."""

        def __init__(self, location: Path) -> None:
            self._container = av.open(str(location))
            self.streams, self.close = self._container.streams, self._container.close

        def demux(self, stream: av.AudioStream) -> Iterator[av.Packet]:
            for packet in self._container.demux(stream):
                if float(packet.pts * packet.time_base) > 1.0:
                    raise av.ExitError(1, "Immediate exit requested")
                yield packet

    clip = write_clip(tmp_path / "a.mkv", shades(30) * 2, audio_codec="aac")
    monkeypatch.setattr(audio_track, "open_container", Breaking)
    path = tmp_path / "o.mp4"
    with caplog.at_level("INFO"):
        _sounding_copy(clip, path)
    assert len(decode(path)[0]) == 60
    assert beep_starts(path) == pytest.approx([0.5], abs=0.05)
    assert caplog.messages == [f"{path}: its sound broke off at 1.0 s: nothing came for too long"]


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
    with pytest.raises(SinkError, match=r"o\.wmv has no suffix .*\.mp4, \.mov, \.mkv"):
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

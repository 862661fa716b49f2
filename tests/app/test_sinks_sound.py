"""Sound beside the pictures of a video."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from app.sinks import VIDEO_SUFFIXES, audio_track
from app.sinks.overlay_video import OverlayVideoSink
from app.sources.video_file import VideoFileSource
from tests.app.clips import NOISE, beep_starts, decode, shade, shades, write_clip


def _sounding_copy(clip: Path, path: Path, seconds: float | None = None) -> None:
    with (
        VideoFileSource(clip) as source,
        OverlayVideoSink(path, source.size, source.fps, audio_from=clip, audio_start_s=source.start_s) as sink,
    ):
        for frame in source:
            if seconds is not None and frame.time_s >= seconds:
                break
            sink.write(frame.image, frame.time_s)


def _twice_with_a_gap(clip: Path, path: Path, second_s: float, *, overlap_s: float = 0.0) -> None:
    """The packets of a clip, and once more from a later time on; its sound is told to be shorter than it is."""
    with av.open(str(path), "w") as output:
        streams = {}
        for begin_s in (0.0, second_s):
            with av.open(str(clip)) as container:
                streams = streams or {each.index: output.add_stream_from_template(each) for each in container.streams}
                for packet in container.demux():
                    if packet.size:
                        of_sound = packet.stream.type == "audio"
                        packet.pts = round(packet.pts * (1 - overlap_s * of_sound)) + round(begin_s / packet.time_base)
                        packet.dts = packet.pts
                        packet.stream = streams[packet.stream.index]
                        output.mux(packet)


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
def test_a_growing_file_does_not_wait_for_sound_that_has_ended(tmp_path: Path, suffix: str) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(30) * 2, audio_codec="aac")
    path = tmp_path / f"o{suffix}"
    with OverlayVideoSink(path, (48, 64), 25, audio_from=clip) as sink:
        for i in range(250):
            if i == 240:
                assert len(decode(path)[0]) >= 240 - 4 * 25
            sink.write(NOISE[i % 7], i / 25)
    assert len(decode(path)[0]) == 250


@pytest.mark.parametrize(
    ("gap_s", "overlap_s", "suffix"),
    [(3.0, 0.0, ".mp4"), (3.0, 0.0, ".mov"), (120.0, 0.0, ".mp4"), (3.0, 0.03, ".mp4"), (3.0, 0.09, ".mp4")],
)
def test_a_long_gap_in_the_sound_stays_silent(tmp_path: Path, gap_s: float, overlap_s: float, suffix: str) -> None:
    path, twice = tmp_path / f"o{suffix}", tmp_path / "twice.mkv"
    clip = write_clip(tmp_path / "a.mkv", shades(25), audio_codec="pcm_s16le")
    _twice_with_a_gap(clip, twice, gap_s, overlap_s=overlap_s)
    _sounding_copy(twice, path)
    assert beep_starts(path) == pytest.approx([0.5, gap_s + 0.5], abs=0.1)


def test_sound_whose_beginning_is_damaged_keeps_no_picture_back(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(25) * 8, audio_codec="flac")
    damaged, path = tmp_path / "damaged.mkv", tmp_path / "o.mp4"
    with av.open(str(clip)) as container, av.open(str(damaged), "w") as output:
        streams = {each.index: output.add_stream_from_template(each) for each in container.streams}
        for packet in container.demux():
            if not packet.size:
                continue
            if packet.stream.type == "audio" and packet.pts * packet.time_base < 6:
                empty = av.Packet(bytes(packet.size))
                empty.pts, empty.dts, empty.time_base = packet.pts, packet.dts, packet.time_base
                packet, index = empty, packet.stream.index
            else:
                index = packet.stream.index
            packet.stream = streams[index]
            output.mux(packet)
    with OverlayVideoSink(path, (48, 64), 25, audio_from=damaged) as sink:
        for i in range(120):
            if i == 100:
                assert len(decode(path)[0]) >= 25
            sink.write(NOISE[i % 7], i / 25)
    assert len(decode(path)[0]) == 120


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
@pytest.mark.parametrize(("after_s", "start_s"), [(0.5, 0.0), (2.0, 0.0), (2.0, 100.0)])
def test_sound_that_begins_after_the_last_picture(tmp_path: Path, suffix: str, after_s: float, start_s: float) -> None:
    clip = write_clip(tmp_path / "a.mkv", shades(30) * 2, audio_codec="ac3", audio_rate=48_000, audio_after_s=after_s)
    path = tmp_path / f"o{suffix}"
    with OverlayVideoSink(path, (48, 64), 25, audio_from=clip, audio_start_s=start_s) as sink:
        for i in range(5):
            sink.write(shade(i), i / 25)
    assert len(decode(path)[0]) == 5


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


@pytest.mark.parametrize("output", ["o.mp4", "o.mkv"])
@pytest.mark.parametrize("codec", ["aac", "ac3"])  # coded anew; copied
def test_sound_of_joined_recordings_stays_with_their_pictures(tmp_path: Path, codec: str, output: str) -> None:
    """The second one's clock begins anew, and its sound 1.2 s into it."""
    one = write_clip(tmp_path / "1.ts", shades(30) + shades(20), audio_codec=codec, audio_rate=48_000)
    two = write_clip(tmp_path / "2.ts", shades(30) * 2, audio_codec=codec, audio_rate=48_000, audio_after_s=1.2)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    _sounding_copy(joined, tmp_path / output)
    times, _ = decode(tmp_path / output)
    assert times == pytest.approx([i / 25 for i in range(110)], abs=2e-3)
    assert beep_starts(two) == pytest.approx([1.5], abs=0.1)
    assert beep_starts(tmp_path / output) == pytest.approx([0.5, 1.5, 2 + 1.5], abs=0.08)


@pytest.mark.parametrize("rate", [1, 2])
def test_pictures_that_are_stored_in_another_order_do_not_move_the_sound(tmp_path: Path, rate: int) -> None:
    """With B-frames packets go back by seconds where pictures are few."""
    count = 12 * rate
    times = [i / rate for i in range(count)]
    options = {"bf": "3", "b-adapt": "0", "preset": "medium"}
    clip = write_clip(
        tmp_path / "a.mp4", [NOISE[i % 7] for i in range(count)], times, audio_codec="aac", options=options
    )
    with av.open(str(clip)) as container:
        stamps = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert stamps != sorted(stamps)
    _sounding_copy(clip, tmp_path / "o.mp4")
    assert beep_starts(tmp_path / "o.mp4") == pytest.approx(beep_starts(clip), abs=0.05)


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

        def demux(self, *streams: av.stream.Stream) -> Iterator[av.Packet]:
            for packet in self._container.demux(*streams):
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

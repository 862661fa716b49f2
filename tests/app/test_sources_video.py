"""Video files: times, orientation, colours, damage."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from app.errors import SourceError
from app.sources.decoded_frame import FrameConverter
from app.sources.orientation import Orientation, from_display_matrix, from_quarter_turns
from app.sources.video_file import VideoFileSource
from tests.app.clips import TIME_BASE, number_of, quarters, shade, shades, write_clip


def _read(path: Path) -> tuple[VideoFileSource, list[float], list[np.ndarray]]:
    with VideoFileSource(path) as source:
        frames = list(source)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    return source, [frame.time_s for frame in frames], [frame.image for frame in frames]


def test_constant_rate_file(tmp_path: Path) -> None:
    source, times, images = _read(write_clip(tmp_path / "걷는 사람 1.mp4", shades(20)))
    assert source.name == "걷는 사람 1.mp4"
    assert (source.size, source.fps, source.frame_count, source.duration_s) == ((48, 64), 25.0, 20, pytest.approx(0.8))
    assert (source.is_live, source.continuous, source.damaged_frames, source.start_s) == (False, True, 0, 0.0)
    assert times == pytest.approx([i / 25 for i in range(20)], abs=1e-9)
    assert [number_of(image) for image in images] == list(range(20))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_variable_rate_keeps_every_time(tmp_path: Path, suffix: str) -> None:
    expected = [0.0, 0.04, 0.05, 0.25, 0.5, 0.501, 1.75]
    _, times, _ = _read(write_clip(tmp_path / f"vfr{suffix}", shades(7), expected))
    assert times == pytest.approx(expected, abs=0.6e-3 if suffix == ".mkv" else 1e-9)


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_times_count_from_the_first_frame_and_its_own_time_is_told(tmp_path: Path, suffix: str) -> None:
    source, times, _ = _read(write_clip(tmp_path / f"late{suffix}", shades(5), [5.0 + i / 25 for i in range(5)]))
    assert times == pytest.approx([i / 25 for i in range(5)], abs=1e-3)
    with av.open(str(tmp_path / f"late{suffix}")) as container:
        assert source.start_s == pytest.approx(next(container.decode(video=0)).time)
    assert source.start_s > 4.9


def test_reordered_frames_and_an_edit_list(tmp_path: Path) -> None:
    # B-frames make the first decoding time negative, which MP4 mends by an edit list.
    _, times, images = _read(write_clip(tmp_path / "b.mp4", shades(20), options={"bf": "3"}))
    assert times == pytest.approx([i / 25 for i in range(20)])
    assert [number_of(image) for image in images] == list(range(20))


def test_frames_without_timestamps_come_at_the_stated_rate(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "raw.h264", shades(6))
    source, times, _ = _read(path)
    assert source.frame_count is None
    assert times == pytest.approx([i / source.fps for i in range(6)], abs=1e-6)


def test_a_clock_that_is_set_back_goes_on(tmp_path: Path) -> None:
    # Two transport streams joined end to end, as a recorder does when it starts anew.
    part = write_clip(tmp_path / "part.ts", shades(5), [60 + i / 25 for i in range(5)]).read_bytes()
    early = write_clip(tmp_path / "early.ts", shades(5)).read_bytes()
    (tmp_path / "joined.ts").write_bytes(part + early)
    _, times, images = _read(tmp_path / "joined.ts")
    assert len(images) == 10
    assert (np.diff(times) > 0).all()
    assert times[-1] < 1.0


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_orientation_metadata(tmp_path: Path, degrees: int, mirrored: bool) -> None:
    source, _, images = _read(write_clip(tmp_path / "r.mp4", [quarters()] * 2, rotation=(degrees, mirrored)))
    with av.open(str(tmp_path / "r.mp4")) as container:
        frame = next(container.decode(video=0))
        matrix = [list(struct.unpack("=9i", bytes(data))) for data in frame.side_data if "MATRIX" in data.type.name]
        stored = frame.to_ndarray(format="bgr24")
    a, b, c, d = (matrix[0][i] >> 16 for i in (0, 1, 3, 4)) if matrix else (1, 0, 0, 1)
    # The definition, pixel by pixel: (x, y) is shown at (a x + c y, b x + d y).
    y, x = np.mgrid[: stored.shape[0], : stored.shape[1]]
    shown_x, shown_y = a * x + c * y, b * x + d * y
    shown_x, shown_y = shown_x - shown_x.min(), shown_y - shown_y.min()
    expected = np.zeros((shown_y.max() + 1, shown_x.max() + 1, 3), np.uint8)
    expected[shown_y, shown_x] = stored
    assert source.size == expected.shape[:2]
    np.testing.assert_array_equal(images[0], expected)


def test_turns_without_a_matrix_are_those_of_the_matrix() -> None:
    for degrees in (0, 90, 180, -90, 270):
        turned = np.rot90(quarters(), round(degrees / 90))  # counterclockwise
        np.testing.assert_array_equal(from_quarter_turns(degrees).applied_to(quarters()), turned)


def test_an_oblique_matrix_is_taken_to_the_nearest_quarter_turn() -> None:
    def matrix(a: float, b: float, c: float, d: float) -> bytes:
        one = 1 << 16
        return struct.pack("=9i", int(a * one), int(b * one), 0, int(c * one), int(d * one), 0, 0, 0, 1 << 30)

    assert from_display_matrix(matrix(0.98, 0.17, -0.17, 0.98)) == Orientation()
    assert from_display_matrix(matrix(0.17, 0.98, -0.98, 0.17)) == Orientation(transpose=True, flip_x=True)


@pytest.mark.parametrize(
    ("aspect", "size"),
    [(Fraction(2), (48, 128)), (Fraction(1, 2), (96, 64)), (Fraction(1000), (48, 64)), (Fraction(1, 300), (48, 64))],
)
def test_pixels_are_made_square(tmp_path: Path, aspect: Fraction, size: tuple[int, int]) -> None:
    source, _, images = _read(write_clip(tmp_path / "wide.mp4", shades(2), pixel_aspect=aspect))
    assert source.size == images[0].shape[:2] == size


def test_frames_that_change_size_are_brought_to_the_first_ones(tmp_path: Path) -> None:
    first = write_clip(tmp_path / "a.ts", shades(3)).read_bytes()
    second = write_clip(tmp_path / "b.ts", shades(3, (96, 128)), [1 + i / 25 for i in range(3)]).read_bytes()
    (tmp_path / "c.ts").write_bytes(first + second)
    source, _, images = _read(tmp_path / "c.ts")
    assert len(images) == 6
    assert {image.shape[:2] for image in images} == {source.size} == {(48, 64)}


@pytest.mark.parametrize("matrix", [1, 5, 9])  # BT.709, BT.601, BT.2020
def test_colours_follow_the_stated_matrix(tmp_path: Path, matrix: int) -> None:
    red = np.zeros((48, 64, 3), np.uint8)
    red[:] = (30, 40, 200)
    path = write_clip(tmp_path / "red.mp4", [red] * 2, colour={"colorspace": matrix, "color_range": 1})
    _, _, images = _read(path)
    np.testing.assert_allclose(images[0].mean(axis=(0, 1)), (30, 40, 200), atol=4)


def test_high_definition_without_a_stated_matrix_is_bt709() -> None:
    def red_of(height: int) -> np.ndarray:
        picture = np.zeros((height, 64, 3), np.uint8)
        picture[:] = (30, 40, 200)
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p", dst_colorspace=1)
        frame.colorspace = 2  # unspecified
        return FrameConverter(None).to_bgr(frame).mean(axis=(0, 1))

    np.testing.assert_allclose(red_of(720), (30, 40, 200), atol=3)
    assert np.abs(red_of(480) - (30, 40, 200)).max() > 8


def test_ten_bits_become_eight(tmp_path: Path) -> None:
    _, _, images = _read(write_clip(tmp_path / "deep.mkv", shades(8), codec="libx265", pixel_format="yuv420p10le"))
    assert images[0].dtype == np.uint8
    assert [number_of(image) for image in images] == list(range(8))


def test_pq_is_brought_to_a_standard_display() -> None:
    def shown(nits: float) -> float:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875  # SMPTE ST 2084
        power = (nits / 10000) ** m1
        code = ((c1 + c2 * power) / (1 + c3 * power)) ** m2
        frame = av.VideoFrame(16, 16, "yuv420p10le")
        for plane, value in zip(frame.planes, (64 + 876 * code, 512, 512), strict=True):
            np.frombuffer(plane, np.uint16)[:] = round(value)
        frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range = 16, 9, 9, 1
        return float(FrameConverter(None).to_bgr(frame).mean())

    assert shown(203) == pytest.approx(255, abs=2)
    assert shown(1000) == 255
    assert shown(203 * 0.5**2.4) == pytest.approx(127.5, abs=4)
    assert shown(0) == 0


def test_animated_gif_with_transparent_pixels(tmp_path: Path) -> None:
    path = tmp_path / "춤.gif"
    animation = cv2.Animation()
    see_through = np.zeros((48, 64, 4), np.uint8)
    see_through[:, :32] = (0, 0, 200, 255)
    second = see_through.copy()
    second[:, :32] = (200, 0, 0, 255)
    animation.frames, animation.durations = [see_through, second], [100, 300]
    cv2.imwriteanimation(str(tmp_path / "a.gif"), animation)
    (tmp_path / "a.gif").rename(path)
    _, times, images = _read(path)
    assert times == pytest.approx([0.0, 0.1])
    np.testing.assert_allclose(images[0][:, :30].mean(axis=(0, 1)), (0, 0, 200), atol=30)
    assert (images[0][:, 34:] == 255).all()
    assert images[1][5, 5, 0] > 150


def test_transparent_video_lies_over_white(tmp_path: Path) -> None:
    path = tmp_path / "alpha.mov"
    picture = np.zeros((48, 64, 4), np.uint8)
    picture[:, 32:] = (255, 200, 0, 0)  # opaque blue, as ARGB
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=25, time_base=TIME_BASE)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "argb"
        frame = av.VideoFrame.from_ndarray(picture, format="argb")
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    _, _, images = _read(path)
    assert (images[0][:, :32] == 255).all()
    assert (images[0][:, 32:] == (0, 0, 200)).all()


def test_damaged_middle_is_left_out_and_counted(tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(60)]
    path = write_clip(tmp_path / "torn.mp4", pictures, options={"g": "10", "bf": "2"})
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4000] = noise.bytes(4000)
    path.write_bytes(data)
    source, times, images = _read(path)
    assert source.damaged_frames > 0
    assert 30 <= len(images) < 60
    assert times[-1] == pytest.approx(59 / 25)  # the end is reached
    assert list(source) == []  # it is closed


def test_file_cut_short_counts_what_its_index_promises(tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(30)]
    path = write_clip(tmp_path / "cut.mp4", pictures, container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    source, _, images = _read(path)
    assert 10 < len(images) < 20
    assert 28 <= len(images) + source.damaged_frames <= 30  # one is cut through


def test_a_file_with_nothing_but_damage_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "all.mp4", shades(10), container_options={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = np.random.default_rng(0).bytes(len(data) - start)
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"no frame of .*all\.mp4 can be decoded"):
        VideoFileSource(path)


def test_every_iteration_starts_anew_and_close_ends_one(tmp_path: Path) -> None:
    source = VideoFileSource(write_clip(tmp_path / "c.mp4", shades(10)))
    assert [number_of(frame.image) for frame in source] == list(range(10))
    seen = []
    for frame in source:
        seen.append(number_of(frame.image))
        if len(seen) == 4:
            source.close()
    assert seen == [0, 1, 2, 3]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".avi", ".gif", ".ts", ".mpg"])
@pytest.mark.parametrize("start", [0, 1, 13, 29])
def test_reading_from_the_middle_gives_the_same_frames(tmp_path: Path, suffix: str, start: int) -> None:
    codecs = {".webm": ("libvpx", "yuv420p"), ".gif": ("gif", "rgb8")}
    codec, pixel_format = codecs.get(suffix, ("libx264", "yuv420p"))
    path = write_clip(tmp_path / f"c{suffix}", shades(30), codec=codec, pixel_format=pixel_format, options={"g": "12"})
    source = VideoFileSource(path)
    whole = list(source)
    rest = list(source.frames_from(whole[start].time_s))
    assert [frame.time_s for frame in rest] == pytest.approx([frame.time_s for frame in whole[start:]])
    if source.fps == pytest.approx(25):  # an .avi states the rate of its clock
        assert [frame.index for frame in rest] == [frame.index for frame in whole[start:]]
    for frame, expected in zip(rest, whole[start:], strict=True):
        np.testing.assert_array_equal(frame.image, expected.image)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_beyond_the_last_frame_there_is_that_frame(tmp_path: Path, suffix: str) -> None:
    """A file's sound may outlast its picture, and a slider reaches as far as the sound."""
    source = VideoFileSource(write_clip(tmp_path / f"c{suffix}", shades(30), options={"g": "12"}))
    last = list(source)[-1]
    (found,) = source.frames_from(last.time_s + 0.3)
    assert (found.index, found.time_s) == (last.index, pytest.approx(last.time_s))
    np.testing.assert_array_equal(found.image, last.image)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_title_in_another_encoding_is_no_obstacle(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"titled{suffix}"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Cafe au lait"
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(VideoFrame.from_ndarray(shade(80), format="bgr24")))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"Cafe", "Café".encode("latin-1")))
    _, _, images = _read(path)
    assert len(images) == 1


def test_a_file_name_that_looks_like_a_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "c.mp4", shades(3)).rename(tmp_path / "concat:c%02d.mp4")
    _, times, _ = _read(Path("concat:c%02d.mp4"))
    assert len(times) == 3


@pytest.mark.shared_data
def test_real_clips(shared_dir: Path) -> None:
    source, times, images = _read(shared_dir / "data/clips/people-detection.gif")
    assert (len(images), source.size) == (23, (270, 480))
    assert times[-1] == pytest.approx(1.83)
    source, times, images = _read(shared_dir / "data/clips/asl/walk.mkv")
    assert (len(images), source.size, source.damaged_frames) == (89, (480, 640), 0)
    assert np.diff(times) == pytest.approx(1 / 30, abs=1e-3)

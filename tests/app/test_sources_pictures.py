"""Still pictures in all the ways they are stored."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.errors import SourceError
from app.sources.orientation import Orientation, from_exif
from app.sources.picture_count import picture_count
from app.sources.pictures import PictureFolderSource, PictureSource, read_picture
from tests.app.clips import quarters, shade

_COLOUR = (40, 120, 200)


def _store(path: Path, image: np.ndarray, parameters: list[int] | None = None) -> Path:
    stored, data = cv2.imencode(path.suffix, image, parameters or [])
    assert stored
    path.write_bytes(data.tobytes())
    return path


def _plain(depth: type = np.uint8) -> np.ndarray:
    """A picture of one colour, in 8 or 16 bits."""
    return np.full((20, 30, 3), _COLOUR, depth) * depth(257 if depth is np.uint16 else 1)


def _png(path: Path, bits: int, kind: int, row: bytes, chunks: dict[bytes, bytes] | None = None) -> Path:
    """A PNG of 30 x 20 pixels, every row the same, with chunks of one's own."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30, 20, bits, kind, 0, 0, 0))
    extra = b"".join(chunk(name, data) for name, data in (chunks or {}).items())
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + row) * 20))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + extra + pixels + chunk(b"IEND", b""))
    return path


def _exif(orientation: int, order: str) -> bytes:
    """A TIFF header and a directory of three tags, the orientation second."""
    header = (b"MM" if order == ">" else b"II") + struct.pack(f"{order}HI", 42, 8)
    tags = [(0x0100, 4, 1, 30), (0x0112, 3, 1, orientation), (0x0128, 3, 1, 2)]
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        packed = struct.pack(f"{order}HH" if kind == 3 else f"{order}I", *((value, 0) if kind == 3 else (value,)))
        directory += struct.pack(f"{order}HHI", tag, kind, count) + packed
    return header + directory + bytes(4)


def _upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """The meaning of the EXIF tag, in NumPy."""
    return {
        1: stored,
        2: np.fliplr(stored),
        3: np.rot90(stored, 2),
        4: np.flipud(stored),
        5: np.swapaxes(stored, 0, 1),
        6: np.rot90(stored, -1),
        7: np.rot90(np.swapaxes(stored, 0, 1), 2),
        8: np.rot90(stored, 1),
    }[orientation]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tiff", ".avif"])
def test_every_format(tmp_path: Path, suffix: str) -> None:
    image = read_picture(_store(tmp_path / f"한글 이름{suffix}", _plain()))
    assert (image.shape, image.dtype) == ((20, 30, 3), np.uint8)
    np.testing.assert_allclose(image.mean(axis=(0, 1)), _COLOUR, atol=4)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_become_eight(tmp_path: Path, suffix: str) -> None:
    np.testing.assert_array_equal(read_picture(_store(tmp_path / f"deep{suffix}", _plain(np.uint16))), _plain())


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_grey_becomes_colour(tmp_path: Path, depth: type) -> None:
    grey = np.full((20, 30), 200 * (257 if depth is np.uint16 else 1), depth)
    np.testing.assert_array_equal(read_picture(_store(tmp_path / "grey.png", grey)), shade(200, (20, 30)))


@pytest.mark.parametrize(
    ("suffix", "depth", "parameters"),
    [
        (".png", np.uint8, []),
        (".png", np.uint16, []),
        (".webp", np.uint8, [cv2.IMWRITE_WEBP_QUALITY, 101]),
        (".tiff", np.uint8, []),
        (".avif", np.uint8, [cv2.IMWRITE_AVIF_QUALITY, 100]),
    ],
)
@pytest.mark.parametrize("opacity", [0.0, 0.4, 1.0])
def test_transparency_lies_over_white(
    tmp_path: Path, suffix: str, depth: type, parameters: list[int], opacity: float
) -> None:
    full = 65535 if depth is np.uint16 else 255
    picture = np.dstack([_plain(depth), np.full((20, 30), round(opacity * full), depth)])
    picture[0, 0, 3] = full  # tells the range of values
    image = read_picture(_store(tmp_path / f"clear{suffix}", picture, parameters))
    expected = opacity * np.array(_COLOUR) + (1 - opacity) * 255
    np.testing.assert_allclose(image[5:, 5:].mean(axis=(0, 1)), expected, atol=4)


@pytest.mark.parametrize("multiplied", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_that_says_how_its_opacity_is_meant(tmp_path: Path, order: str, multiplied: bool) -> None:
    picture = np.dstack([_plain()[..., ::-1], np.full((20, 30), 102, np.uint8)])
    if multiplied:
        picture[..., :3] = np.round(picture[..., :3] * 0.4)
    path = tmp_path / "clear.tiff"
    path.write_bytes(_tiff(picture, order, extra_samples=1 if multiplied else 2))
    expected = 0.4 * np.array(_COLOUR) + 0.6 * 255
    np.testing.assert_allclose(read_picture(path).mean(axis=(0, 1)), expected, atol=2)


def _tiff(pixels: np.ndarray, order: str, extra_samples: int) -> bytes:
    """An uncompressed file of (H, W, 4) uint8 RGBA."""
    height, width, channels = pixels.shape
    behind = 8 + 2 + 12 * 10 + 4
    tags = [
        (256, 3, 1, width), (257, 3, 1, height), (258, 3, channels, behind), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, behind + 2 * channels), (277, 3, 1, channels), (278, 3, 1, height), (279, 4, 1, pixels.size),
        (338, 3, 1, extra_samples),
    ]  # fmt: skip
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        inline = struct.pack(f"{order}HH", value, 0) if kind == 3 and count == 1 else struct.pack(f"{order}I", value)
        directory += struct.pack(f"{order}HHI", tag, kind, count) + inline
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    return head + directory + struct.pack(f"{order}I{channels}H", 0, *[8] * channels) + pixels.tobytes()


def test_ten_bit_avif_with_transparency(tmp_path: Path) -> None:
    picture = np.full((20, 30, 4), 400, np.uint16)
    picture[..., 3] = 1023
    path = _store(tmp_path / "deep.avif", picture, [cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_QUALITY, 100])
    np.testing.assert_allclose(read_picture(path), 100, atol=3)


def test_palette_and_one_bit_pictures(tmp_path: Path) -> None:
    palette = {b"PLTE": bytes((0, 0, 0, *reversed(_COLOUR)))}
    np.testing.assert_array_equal(read_picture(_png(tmp_path / "palette.png", 8, 3, b"\1" * 30, palette)), _plain())
    see_through = _png(tmp_path / "see-through.png", 8, 3, b"\1" * 30, palette | {b"tRNS": b"\xff\0"})
    assert (read_picture(see_through) == 255).all()
    assert (read_picture(_png(tmp_path / "bit.png", 1, 0, b"\xff" * 4)) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_orientation(tmp_path: Path, orientation: int, order: str) -> None:
    exif = _exif(orientation, order)
    plain = cv2.imencode(".jpg", quarters(), [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    block = b"Exif\0\0" + exif
    (tmp_path / "turned.jpg").write_bytes(
        plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]
    )
    np.testing.assert_allclose(read_picture(tmp_path / "turned.jpg"), _upright(quarters(), orientation), atol=6)

    transparent = np.dstack([quarters(), quarters()[..., 0]])
    _, data = cv2.imencodeWithMetadata(
        ".png", transparent, [cv2.IMAGE_METADATA_EXIF], [np.frombuffer(exif, np.uint8).reshape(1, -1)]
    )
    (tmp_path / "turned.png").write_bytes(data.tobytes())
    over_white = quarters() / 255.0 * quarters() + 255.0 - quarters()
    np.testing.assert_allclose(read_picture(tmp_path / "turned.png"), _upright(over_white, orientation), atol=1)


@pytest.mark.parametrize(
    ("turns", "mirror", "orientation"),
    [(0, None, 1), (0, 1, 2), (2, None, 3), (0, 0, 4), (1, 0, 5), (3, None, 6), (3, 0, 7), (1, None, 8)],
)
def test_avif_turned_by_its_boxes(tmp_path: Path, turns: int, mirror: int | None, orientation: int) -> None:
    boxes = b"" if turns == 0 else struct.pack(">I4sB", 9, b"irot", turns)
    boxes += b"" if mirror is None else struct.pack(">I4sB", 9, b"imir", mirror)
    plain = cv2.imencode(".avif", quarters(), [cv2.IMWRITE_AVIF_QUALITY, 100])[1].tobytes()
    (tmp_path / "turned.avif").write_bytes(_with_properties(plain, boxes))
    np.testing.assert_allclose(read_picture(tmp_path / "turned.avif"), _upright(quarters(), orientation), atol=12)


@pytest.mark.parametrize(
    ("orientation", "transparent"),
    # OpenCV does not read what it writes itself of 5 and 7 with transparency.
    [(orientation, False) for orientation in range(1, 9)] + [(orientation, True) for orientation in (1, 2, 3, 4, 6, 8)],
)
def test_avif_turned_by_its_boxes_and_exif_is_turned_once(tmp_path: Path, orientation: int, transparent: bool) -> None:
    """OpenCV writes the boxes for an EXIF orientation, and the EXIF, too."""
    picture = np.dstack([quarters(), np.full((48, 64), 255, np.uint8)]) if transparent else quarters()
    if transparent:
        picture[:24, :32, 3] = 0
    exif = np.frombuffer(_exif(orientation, "<"), np.uint8).reshape(1, -1)
    quality = [cv2.IMWRITE_AVIF_QUALITY, 100]
    _, data = cv2.imencodeWithMetadata(".avif", picture, [cv2.IMAGE_METADATA_EXIF], [exif], quality)
    (tmp_path / "turned.avif").write_bytes(data.tobytes())
    expected = quarters().copy()
    if transparent:
        expected[:24, :32] = 255
    np.testing.assert_allclose(read_picture(tmp_path / "turned.avif"), _upright(expected, orientation), atol=12)


def _with_properties(avif: bytes, boxes: bytes) -> bytes:
    """An AVIF file of one item, with more boxes among its properties."""
    place = avif.index(b"ipco") - 4
    end = place + struct.unpack_from(">I", avif, place)[0]
    data = bytearray(avif[:end] + boxes + avif[end:])
    for kind in (b"meta", b"iprp", b"ipco"):
        place = avif.index(kind) - 4
        struct.pack_into(">I", data, place, struct.unpack_from(">I", avif, place)[0] + len(boxes))
    place = avif.index(b"iloc") - 4
    offset = place + struct.unpack_from(">I", avif, place)[0] - 8  # of the item, before its length
    struct.pack_into(">I", data, offset, struct.unpack_from(">I", avif, offset)[0] + len(boxes))
    return bytes(data)


def test_exif_without_sense_means_upright() -> None:
    for exif in (b"", b"MM", b"II*\0\xff\xff\xff\xff", _exif(9, "<"), _exif(6, ">")[:20], b"XX" + _exif(6, ">")[2:]):
        assert from_exif(exif) == Orientation()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff", ".avif"])
def test_damaged_picture_is_one_clear_line(tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    path = _store(tmp_path / f"cut{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match=rf"cut\{suffix} is damaged or not a picture; save it anew as JPEG or PNG"):
        read_picture(path)
    if suffix != ".png":  # libpng has its say on the terminal whatever OpenCV is told
        assert capfd.readouterr().err == ""


def test_picture_too_large_to_decode(tmp_path: Path) -> None:
    header = b"II*\0\x08\0\0\0" + struct.pack("<H", 4)
    for tag, value in ((256, 200_000), (257, 200_000), (258, 8), (262, 1)):
        header += struct.pack("<HHII", tag, 4, 1, value)
    (tmp_path / "bomb.tiff").write_bytes(header + bytes(4))
    with pytest.raises(SourceError, match=r"bomb\.tiff"):
        read_picture(tmp_path / "bomb.tiff")


def test_picture_source(tmp_path: Path) -> None:
    with PictureSource(_store(tmp_path / "p.png", quarters())) as source:
        (frame,) = source
        assert (source.name, source.size, source.frame_count) == ("p.png", (48, 64), 1)
        assert (source.is_live, source.continuous, source.damaged_frames) == (False, False, 0)
    assert (frame.index, frame.time_s) == (0, 0.0)
    np.testing.assert_array_equal(frame.image, quarters())


@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif", ".tiff"])
def test_pictures_behind_the_first_are_told_of_once(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "app")
    several, one = tmp_path / f"여러 장{suffix}", _store(tmp_path / f"one{suffix}", shade(100))
    pictures = [shade(level) for level in (100, 150, 200)]
    if suffix == ".tiff":
        content = cv2.imencodemulti(suffix, pictures)[1]
    else:
        animation = cv2.Animation()
        animation.frames, animation.durations = pictures, [100, 200, 100]
        content = cv2.imencodeanimation(suffix, animation)[1]
    several.write_bytes(content.tobytes())
    np.testing.assert_allclose(read_picture(several), shade(100), atol=3)
    assert caplog.messages == [f"{several} holds 3 pictures; only the first is used: make a video of them for all"]
    with PictureFolderSource(tmp_path) as source:
        assert len(list(source)) == 2
    assert len(caplog.messages) == 1
    assert picture_count(one.read_bytes()) == 1
    for length in range(len(content)):  # as of a file that was cut off
        assert picture_count(content.tobytes()[:length]) <= 3


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_thumbnail_in_a_tiff_is_no_further_picture(
    tmp_path: Path, order: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "app")
    content = bytearray(_tiff(np.full((8, 8, 4), 100, np.uint8), order, 0))
    (first,) = struct.unpack_from(f"{order}I", content, 4)
    (entries,) = struct.unpack_from(f"{order}H", content, first)
    struct.pack_into(f"{order}I", content, first + 2 + 12 * entries, len(content))
    thumbnail = struct.pack(f"{order}HHHIII", 1, 254, 4, 1, 1, first)  # and back to the first, without end
    (tmp_path / "a.tiff").write_bytes(content + thumbnail)
    read_picture(tmp_path / "a.tiff")
    assert caplog.messages == []


def test_folder_of_pictures_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 9, 2, 1):
        _store(tmp_path / f"사진 {number}.png", shade(number, (20, 30 + number)))
    (tmp_path / "사진 3.png").write_bytes(b"not a picture")
    with PictureFolderSource(tmp_path) as source:
        assert (source.size, source.frame_count, source.continuous) == ((20, 31), 5, False)
        frames = list(source)
        assert source.damaged_frames == 1
        assert [source.paths[frame.index].name for frame in frames] == [f"사진 {n}.png" for n in (1, 2, 9, 10)]
    assert [int(frame.image.max()) for frame in frames] == [1, 2, 9, 10]
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 1 / 25, 3 / 25, 4 / 25])
    assert list(source) == []  # it is closed


def test_a_folder_has_its_own_name_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "사진" / "inner").mkdir(parents=True)
    _store(tmp_path / "사진" / "a.png", shade(100))
    (tmp_path / "link").symlink_to(tmp_path / "사진")
    for here, spec in (("사진", "."), ("사진/inner", ".."), ("사진", "inner/.."), (".", "사진")):
        monkeypatch.chdir(tmp_path / here)
        assert PictureFolderSource(Path(spec)).name == "사진"
    assert PictureFolderSource(tmp_path / "link").name == "link"


def test_folder_from_a_picture_on_reads_none_before_it(tmp_path: Path) -> None:
    for number in range(5):
        _store(tmp_path / f"{number}.png", shade(number))
    with PictureFolderSource(tmp_path) as source:
        for number in range(3):
            (tmp_path / f"{number}.png").write_bytes(b"no longer a picture")
        assert [(frame.index, int(frame.image.max())) for frame in source.frames_from_number(3)] == [(3, 3), (4, 4)]
        assert source.errors == []
        assert list(source.frames_from_number(5)) == []


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg", "bmp"])
def test_what_has_no_opacity_is_decoded_once(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _store(tmp_path / f"p.{suffix}", quarters(), [cv2.IMWRITE_WEBP_QUALITY, 90])
    monkeypatch.setattr(cv2, "imdecodeWithMetadata", lambda *_, **__: pytest.fail("decoded again"))
    assert read_picture(path).shape == (48, 64, 3)


def test_folder_in_which_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no")
    with pytest.raises(SourceError, match="none of the 1 pictures"):
        PictureFolderSource(tmp_path)


@pytest.mark.shared_data
def test_real_photographs(shared_dir: Path) -> None:
    with PictureFolderSource(shared_dir / "data/coco-val-dev/images") as source:
        assert source.frame_count == 110
        assert [path.stem for path in source.paths][:2] == ["000000000785", "000000000885"]

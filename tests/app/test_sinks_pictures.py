"""Drawn pictures as files."""

from pathlib import Path

import numpy as np
import pytest

from app.errors import SinkError
from app.sinks import PICTURE_SUFFIXES, open_image_sink
from app.sinks.pictures import PictureSink, write_picture
from app.sources.pictures import read_picture
from tests.app.clips import quarters, shade


@pytest.mark.parametrize("suffix", PICTURE_SUFFIXES)
def test_every_format_read_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "결과 폴더" / f"사람{suffix.upper()}"
    write_picture(path, quarters())
    np.testing.assert_allclose(read_picture(path), quarters(), atol=12)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_sink_takes_one_picture(tmp_path: Path) -> None:
    with open_image_sink(tmp_path / "p.png", (48, 64)) as sink:
        assert isinstance(sink, PictureSink)
        sink.write(quarters(), 0.0)
        with pytest.raises(SinkError, match=r"p\.png holds one picture, and more come; give a video"):
            sink.write(quarters(), 0.04)
    np.testing.assert_array_equal(read_picture(tmp_path / "p.png"), quarters())


def test_unknown_suffix(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"p\.xyz: \.xyz is not written; give it one of \.png, \.jpg"):
        write_picture(tmp_path / "p.xyz", quarters())
    with pytest.raises(SinkError, match=r"p has no suffix that names a format; give it one of \.png, \.jpg"):
        write_picture(tmp_path / "p", quarters())
    with pytest.raises(SinkError, match=r"\.png, \.jpg"):
        PictureSink(tmp_path / "p.xyz")


def test_a_full_disk_leaves_the_picture_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.png"
    write_picture(path, shade(1))

    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SinkError, match=r"cannot write .*p\.png: No space left on device; check"):
        write_picture(path, shade(2))
    np.testing.assert_array_equal(read_picture(path), shade(1))
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 251}.png"
    write_picture(path, shade(90))
    assert [made.name for made in tmp_path.iterdir()] == [path.name]


def test_picture_too_large_for_its_format(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wide = np.zeros((2, 70_000, 3), np.uint8)
    for suffix in (".webp", ".jpg"):
        with pytest.raises(SinkError, match=rf"cannot write .*p\{suffix}: the format holds no 2x70000 pixels; give"):
            write_picture(tmp_path / f"p{suffix}", wide)
    assert capfd.readouterr().err == ""
    write_picture(tmp_path / "p.png", wide)

import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from model.errors import DatasetError
from model.training.detection.cut_outs import CutOuts
from model.training.detection.gather import gather
from model.training.detection.labels import read_boxes
from model.training.pictures import read_picture


def encoded(colour: tuple[int, int, int], ending: str, around: int = 0, size: tuple[int, int] = (200, 160)) -> bytes:
    """A picture of one RGB colour, with transparent surroundings where asked for."""
    picture = Image.new("RGBA" if around else "RGB", (size[0] + 2 * around, size[1] + 2 * around))
    picture.paste(Image.new("RGB", size, colour), (around, around))
    if around:
        opacity = Image.new("L", picture.size)
        opacity.paste(255, (around, around, around + size[0], around + size[1]))
        picture.putalpha(opacity)
    buffer = io.BytesIO()
    picture.save(buffer, ending, **({"lossless": True} if ending == "webp" else {}))
    return buffer.getvalue()


def test_an_output_that_got_nothing_can_be_given_again(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "empty.png").touch()
    with pytest.raises(DatasetError, match="no pictures were found"):
        gather([tmp_path / "empty"], tmp_path / "out")
    assert gather([packages], tmp_path / "out") == (4, 2)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "꾸러미"
    stamps = folder / "stamps"
    for place in ("animals/dog", "animals/cartoon/dog", "symbols", "household"):
        (stamps / place).mkdir(parents=True)
    (stamps / "animals" / "dog" / "dog.png").write_bytes(encoded((200, 0, 0), "png", around=60, size=(640, 400)))
    (stamps / "animals" / "cartoon" / "dog" / "dog.png").write_bytes(encoded((0, 200, 0), "png", around=60))
    (stamps / "symbols" / "A.png").write_bytes(encoded((0, 0, 0), "png", around=60))
    (stamps / "household" / "mug.png").write_bytes(encoded((0, 0, 200), "png", around=60))
    (stamps / "household" / "same.png").write_bytes(encoded((0, 0, 200), "png", around=60))
    (stamps / "household" / "tiny.png").write_bytes(encoded((0, 9, 200), "png", around=10, size=(20, 90)))
    (stamps / "household" / "damaged.png").write_bytes(b"\x89PNG no more")
    with zipfile.ZipFile(folder / "furniture.sh3f", "w") as archive:
        archive.writestr("chair.png", encoded((90, 90, 0), "png", around=40))
        archive.writestr("fabric.jpg", encoded((90, 90, 90), "jpeg"))
        archive.writestr("chair.obj", b"v 0 0 0")
    places = encoded((10, 120, 40), "webp", size=(1280, 720)), encoded((30, 20, 140), "webp")
    (folder / "places.rcc").write_bytes(b"qres" + places[0] + b"\0\0name" + places[1] + b"end")
    return folder


def test_packages_become_cut_outs_and_pictures_without_people(packages: Path, tmp_path: Path) -> None:
    output = tmp_path / "모음"
    assert gather([packages], output) == (4, 2)

    [dog] = (output / "cut-outs" / "animals").iterdir()
    picture = cv2.imdecode(np.fromfile(dog, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (200, 320, 4)
    np.testing.assert_array_equal(picture[100, 160], (0, 0, 200, 255))
    assert len(list((output / "cut-outs" / "things").iterdir())) == 3
    canvas = np.full((64, 64, 3), 128, np.uint8)
    assert CutOuts(output / "cut-outs").paste(canvas, np.random.default_rng(0)).any()

    labels = read_boxes(output / "pictures.json", output)
    assert [boxes.shape for boxes in labels.boxes] == [(0, 4), (0, 4)]
    assert labels.sizes.tolist() == [[640, 360], [200, 160]]
    np.testing.assert_allclose(read_picture(labels.pictures[0]).mean(axis=(0, 1)), (40, 120, 10), atol=2)


def test_what_cannot_be_gathered_is_told(packages: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"is no folder; give one"):
        gather([tmp_path / "absent"], tmp_path / "first")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="no pictures were found"):
        gather([tmp_path / "empty"], tmp_path / "second")
    (tmp_path / "second" / "pictures").mkdir()
    with pytest.raises(DatasetError, match=r"cannot make .*File exists; give another --output"):
        gather([packages], tmp_path / "second")
    (packages / "furniture.sh3f").write_bytes(b"PK no archive")
    with pytest.raises(DatasetError, match=r"cannot read .*furniture\.sh3f: .*unpack its package again"):
        gather([packages], tmp_path / "third")


def test_labels_of_the_gathered_file_are_coco(packages: Path, tmp_path: Path) -> None:
    gather([packages], tmp_path / "output")
    content = json.loads((tmp_path / "output" / "pictures.json").read_text(encoding="utf-8"))
    assert content["annotations"] == []
    assert content["categories"] == [{"id": 1, "name": "person"}]

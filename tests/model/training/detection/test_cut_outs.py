from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.arrays import UInt8Array
from model.errors import DatasetError
from model.training.detection.canvas import Picture, draw_canvas
from model.training.detection.config import CanvasAugmentation
from model.training.detection.cut_outs import CutOuts

GREY = 100


def write_cut_out(path: Path, colour: tuple[int, int, int], size: int = 60) -> None:
    """A disc of a colour; around it green that is fully transparent."""
    picture = np.zeros((size, size, 4), np.uint8)
    picture[..., 1] = 255
    cv2.circle(picture, (size // 2, size // 2), size // 2 - 4, (*colour, 255), -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imencode(".png", picture)[1].tofile(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One red thing and nine blue animals."""
    folder = tmp_path_factory.mktemp("잘린 그림")
    write_cut_out(folder / "things" / "red.png", (0, 0, 255))
    for index in range(9):
        write_cut_out(folder / "animals" / f"blue{index}.PNG", (255, 0, 0))
    return folder


@pytest.fixture(scope="module")
def cut_outs(folder: Path) -> CutOuts:
    return CutOuts(folder)


def blank() -> UInt8Array:
    return np.full((120, 160, 3), GREY, np.uint8)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_what_is_told_to_be_hidden_is(cut_outs: CutOuts, seed: int) -> None:
    canvas = blank()
    hidden = cut_outs.paste(canvas, np.random.default_rng(seed))
    changed = np.abs(canvas.astype(int) - GREY).max(axis=2) > 12  # as far as a tint goes
    assert not (hidden & ~changed).any()
    around = cv2.dilate(hidden.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert not (changed & ~around).any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_colours_behind_the_transparency_do_not_show(cut_outs: CutOuts, seed: int) -> None:
    canvas = blank()
    cut_outs.paste(canvas, np.random.default_rng(seed))
    assert canvas[..., 1].max() <= GREY + 14


def test_groups_are_drawn_alike_often_and_canvases_repeat_with_their_seed(cut_outs: CutOuts) -> None:
    red = blue = 0
    for seed in range(200):
        canvas, again = blank(), blank()
        cut_outs.paste(canvas, np.random.default_rng(seed))
        cut_outs.paste(again, np.random.default_rng(seed))
        np.testing.assert_array_equal(canvas, again)
        red += bool((canvas[..., 2].astype(int) - canvas[..., 0] > 60).any())
        blue += bool((canvas[..., 0].astype(int) - canvas[..., 2] > 60).any())
    assert 0.75 < red / blue < 1.33


def test_nothing_is_asked_of_people_behind_cut_outs(tmp_path: Path) -> None:
    solid = np.full((400, 400, 4), 255, np.uint8)
    cv2.imencode(".png", solid)[1].tofile(tmp_path / "wall.png")
    boxes = np.array([[40, 30, 80, 70]], np.float32)
    person: Picture = np.full((90, 120, 3), 20, np.uint8), boxes, np.array([0.9], np.float32)
    plain = CanvasAugmentation(mosaic=0, empty=0, flip=0, colour=0, pasted=1)
    walls, asked = CutOuts(tmp_path), {0: 0, 1: 0}
    for seed in range(60):
        canvas = draw_canvas(person, lambda: person, plain, (96, 96), np.random.default_rng(seed), walls)
        for (x1, y1, x2, y2), sure in zip(canvas.boxes.round().astype(int), canvas.scores, strict=True):
            dark = (canvas.pixels[y1:y2, x1:x2].max(axis=2) < 60).mean()
            if dark > 0.95:
                assert sure == np.float32(0.9)
                asked[1] += 1
            elif dark < 0.3:
                assert sure == 0
                asked[0] += 1
    assert min(asked.values()) > 5


def test_cut_outs_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no \.png or \.webp files in .*; check cut_outs"):
        CutOuts(tmp_path)
    with pytest.raises(DatasetError, match="check cut_outs"):
        CutOuts(tmp_path / "absent")
    opaque = tmp_path / "opaque.png"
    cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tofile(opaque)
    with pytest.raises(DatasetError, match=r"opaque\.png has no transparency"):
        CutOuts(tmp_path)
    opaque.write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"cannot decode .*opaque\.png"):
        CutOuts(tmp_path)

"""What is painted: sizes, mirroring, and people where they are."""

import time
from dataclasses import replace

import numpy as np
import pytest

from app.drawing import DrawingStyle
from app.gui.rendering import render, to_qimage
from app.gui.viewport import Viewport
from app.live.news import EngineInfo, LivePicture
from app.results import Frame, FrameResult, Heatmap
from model.geometry import heatmap_corners
from model.heatmaps import encode
from model.skeletons import COCO_17
from tests.app.live.fakes import result_of

_INFO = EngineInfo("tinypose-256x192", "onnxruntime", "CPU", "picodet-320", "OpenVINO, CPU", COCO_17)


def _picture(image: np.ndarray, persons: bool = False) -> LivePicture:
    frame = Frame(0, 0.0, image)
    result = result_of(frame) if persons else FrameResult(0, 0.0, frame.size, ())
    return LivePicture(frame, time.perf_counter(), 1, result, _INFO)


def _pixels(image) -> np.ndarray:
    pointer = image.constBits()
    pointer.setsize(image.sizeInBytes())
    return np.frombuffer(pointer, np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), :3].copy()


def _halves() -> np.ndarray:
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :32] = (255, 0, 0)
    image[:, 32:] = (0, 0, 255)
    return image


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_the_image_has_the_pixels_of_the_screen(ratio: float) -> None:
    image, (left, top) = render(_picture(_halves()), Viewport((64, 48), (400, 240)), DrawingStyle(), ratio)
    assert (image.width(), image.height()) == (round(320 * ratio), round(240 * ratio))
    assert image.devicePixelRatio() == ratio
    assert (left, top) == pytest.approx((40, 0))


def test_mirroring_is_of_the_display() -> None:
    view = Viewport((64, 48), (64, 48))
    plain = _pixels(render(_picture(_halves()), view, DrawingStyle(), 1.0)[0])
    np.testing.assert_array_equal(plain, _halves())
    mirrored = Viewport((64, 48), (64, 48), mirrored=True)
    np.testing.assert_array_equal(
        _pixels(render(_picture(_halves()), mirrored, DrawingStyle(), 1.0)[0]), _halves()[:, ::-1]
    )


def test_people_are_drawn_on_their_places_at_every_scale_and_mirrored() -> None:
    grey = np.full((96, 128, 3), 90, np.uint8)
    picture = _picture(grey, persons=True)
    joint = picture.result.persons[0].keypoints[8]
    for mirrored in (False, True):
        for zoom in (1.0, 2.0):
            view = Viewport((128, 96), (640, 480), zoom=zoom, mirrored=mirrored)
            image, (left, top) = render(picture, view, DrawingStyle(), 1.0)
            x, y = view.to_view(*joint)
            drawn = _pixels(image)[int(y - top), int(x - left)]
            assert (drawn != 90).any(), (mirrored, zoom)


def test_a_heatmap_peaks_on_its_joint_at_every_scale_and_mirrored() -> None:
    picture = _picture(np.full((96, 128, 3), 90, np.uint8), persons=True)
    person = picture.result.persons[0]
    joint = person.keypoints[8]
    corners = heatmap_corners([person.box], (256, 192))
    cells = (joint - corners[0, 0]) / (corners[0, 1] - corners[0, 0]) * [48, 64]
    values = encode(4 * cells[None, None], [[1]], (256, 192), unbiased=True).heatmaps[0, 0]
    somebody = replace(person, heatmap=Heatmap(values, corners[0]))
    picture = replace(picture, result=replace(picture.result, persons=(somebody,)))
    style = DrawingStyle(skeleton=False, joints=False, heatmap="right_elbow")
    for mirrored in (False, True):
        for zoom in (1.0, 2.0):
            view = Viewport((128, 96), (640, 480), zoom=zoom, mirrored=mirrored)
            image, (left, top) = render(picture, view, style, 1.0)
            changed = np.abs(_pixels(image).astype(int) - 90).sum(axis=2)
            changed[changed < 0.8 * changed.max()] = 0
            rows, columns = np.indices(changed.shape)
            middle = (columns * changed).sum() / changed.sum() + left, (rows * changed).sum() / changed.sum() + top
            assert middle == pytest.approx(view.to_view(*joint), abs=2.5), (mirrored, zoom)


def test_the_frame_itself_stays_as_it_is() -> None:
    grey = np.full((96, 128, 3), 90, np.uint8)
    render(_picture(grey, persons=True), Viewport((128, 96), (128, 96)), DrawingStyle(boxes=True), 1.0)
    assert (grey == 90).all()


def test_an_image_outlives_its_array() -> None:
    image = to_qimage(np.full((10, 13, 3), 77, np.uint8))
    np.empty((10, 13, 3), np.uint8).fill(0)
    assert (_pixels(image) == 77).all()

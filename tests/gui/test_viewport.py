"""Letterbox, zoom, pan and mirror."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gui.viewport import MOST_ZOOM, Viewport

_SIZES = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
_VIEWS = st.tuples(st.floats(10, 4000), st.floats(10, 4000))
_POINTS = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(_SIZES, _VIEWS)
def test_the_whole_picture_fits_and_touches_two_edges(picture, view) -> None:
    viewport = Viewport(picture, view)
    left, top = viewport.to_view(-0.5, -0.5)
    right, bottom = viewport.to_view(picture[0] - 0.5, picture[1] - 0.5)
    assert left >= -1e-6
    assert top >= -1e-6
    assert min(left, top) == pytest.approx(0, abs=1e-6)
    assert (left + right, top + bottom) == pytest.approx(view)
    assert viewport.visible() == (0, 0, *picture)


@given(_SIZES, _VIEWS, st.booleans(), st.lists(st.tuples(st.floats(0.3, 3), _POINTS), max_size=6), _POINTS)
def test_the_way_back_is_the_inverse(picture, view, mirrored, zooms, point) -> None:
    viewport = Viewport(picture, view, mirrored=mirrored)
    for factor, (x, y) in zooms:
        viewport = viewport.zoomed(factor, x * view[0], y * view[1])
    x, y = point[0] * picture[0], point[1] * picture[1]
    assert viewport.to_picture(*viewport.to_view(x, y)) == pytest.approx((x, y), abs=1e-3)
    assert 1 <= viewport.zoom <= MOST_ZOOM


def test_the_point_under_the_mouse_stays_there() -> None:
    viewport = Viewport((640, 480), (1280, 960))
    before = viewport.to_picture(500, 300)
    closer = viewport.zoomed(2.5, 500, 300)
    assert closer.to_picture(500, 300) == pytest.approx(before)
    mirrored = Viewport((640, 480), (1280, 960), mirrored=True)
    before = mirrored.to_picture(500, 300)
    assert mirrored.zoomed(2.5, 500, 300).to_picture(500, 300) == pytest.approx(before)


@given(st.floats(1, 8), st.floats(-5000, 5000), st.floats(-5000, 5000), st.booleans())
def test_panning_never_shows_more_emptiness_than_needed(zoom, dx, dy, mirrored) -> None:
    viewport = Viewport((640, 480), (1280, 960), zoom=zoom, mirrored=mirrored).panned(dx, dy)
    corners = np.array([viewport.to_view(-0.5, -0.5), viewport.to_view(639.5, 479.5)])
    assert (corners.min(axis=0) <= 1e-6).all()
    assert (corners.max(axis=0) >= np.array([1280, 960]) - 1e-6).all()


def test_mirroring_swaps_left_and_right_alone() -> None:
    plain, mirrored = Viewport((640, 480), (640, 480)), Viewport((640, 480), (640, 480), mirrored=True)
    assert plain.to_view(0, 10) == (0.5, 10.5)
    assert mirrored.to_view(0, 10) == (639.5, 10.5)


def test_dragging_a_mirrored_picture_moves_it_with_the_mouse() -> None:
    for mirrored in (False, True):
        viewport = Viewport((640, 480), (640, 480), zoom=4, mirrored=mirrored)
        before = viewport.to_view(320, 240)
        after = viewport.panned(30, -20).to_view(320, 240)
        assert after == pytest.approx((before[0] + 30, before[1] - 20))

"""Sizes as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.input_size import INPUT_MULTIPLE, LARGEST_SIDE, InputSize

sides = st.integers(1, LARGEST_SIDE // INPUT_MULTIPLE).map(lambda count: count * INPUT_MULTIPLE)


@given(sides, sides)
def test_what_is_written_is_read_back(height: int, width: int) -> None:
    assert InputSize.parse(str(InputSize(height, width))) == (height, width)


def test_height_comes_first() -> None:
    size = InputSize.parse("256x192")
    assert (size.height, size.width) == (256, 192)


@pytest.mark.parametrize("text", ["256X192", "256×192", " 256x192 "])
def test_spellings(text: str) -> None:
    assert InputSize.parse(text) == (256, 192)


@pytest.mark.parametrize("text", ["", "256", "256x", "x192", "256x192x3", "-256x192", "256.0x192", "256,192", "a x b"])
def test_other_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size; write HEIGHTxWIDTH, for example 256x192"):
        InputSize.parse(text)


@pytest.mark.parametrize("text", ["256x190", "0x192", "250x192", "4096x32"])
def test_sides_that_a_pose_network_cannot_halve_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="both sides must be multiples of 32 up to 2048"):
        InputSize.parse(text)


def test_a_detector_may_have_other_sides() -> None:
    assert InputSize.parse("300x300", multiple=1) == (300, 300)

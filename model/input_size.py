"""Sizes of network inputs, written HEIGHTxWIDTH everywhere."""

import re
from typing import NamedTuple, Self

INPUT_MULTIPLE = 32
"""Pose networks halve their input five times and add the halves up again, so both sides are multiples of this."""

LARGEST_SIDE = 2048


class InputSize(NamedTuple):
    """Height and width of a network's input, in pixels."""

    height: int
    width: int

    @classmethod
    def parse(cls, text: str, multiple: int = INPUT_MULTIPLE) -> Self:
        """The size that HEIGHTxWIDTH, such as 256x192, stands for.

        Args:
            text: What a person or a file wrote.
            multiple: What both sides must be multiples of.

        Raises:
            ValueError: The text has another form, or a side does not fit.
        """
        match = re.fullmatch(r"(\d{1,5})[xX×](\d{1,5})", text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a size; write HEIGHTxWIDTH, for example 256x192")
        size = cls(int(match[1]), int(match[2]))
        if any(side % multiple or not multiple <= side <= LARGEST_SIDE for side in size):
            raise ValueError(f"{size} does not fit; both sides must be multiples of {multiple} up to {LARGEST_SIDE}")
        return size

    def __str__(self) -> str:
        return f"{self.height}x{self.width}"

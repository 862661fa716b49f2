"""Curves and pictures for TensorBoard, where it is installed."""

from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from model.arrays import UInt8Array
from model.training import processes

if TYPE_CHECKING:
    from torch.utils.tensorboard import writer


class Scalars:
    """Writes event files into a folder; without the tensorboard package it writes nothing, metrics.csv remains."""

    def __init__(self, folder: Path) -> None:
        self._writer: writer.SummaryWriter | None = None
        if processes.is_first() and find_spec("tensorboard") is not None:
            from torch.utils.tensorboard.writer import SummaryWriter

            self._writer = SummaryWriter(str(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, values: dict[str, float], images: int) -> None:
        """Add a point to each named curve."""
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(name, value, images)

    def add_picture(self, name: str, picture: UInt8Array, images: int) -> None:
        """Add a picture (H, W, 3) uint8 RGB."""
        if self._writer is not None:
            self._writer.add_image(name, picture, images, dataformats="HWC")

"""What a training run needs to know of the thing that it trains."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from model.training.progress import Report
from model.training.scalars import Scalars


class StepBatch(Protocol):
    """The tensors of one step, in the order in which the objective takes them."""

    def __iter__(self) -> Iterator[Tensor]: ...


class Task(Protocol):
    """A network, its data, its losses and its measure."""

    def build(self) -> nn.Module:
        """The network with fresh weights, in training mode."""
        ...

    def check(self, phase: int) -> None:
        """See that a phase can begin when its turn comes, before hours are spent on those before it.

        Raises:
            UserError: The teacher cannot be used.
        """
        ...

    def open_sets(self, report: Report) -> None:
        """Read the labels and decode the pictures.

        Raises:
            DatasetError: They cannot be used.
        """
        ...

    def objective(self, network: nn.Module, phase: int, device: torch.device, begins: bool) -> tuple[nn.Module, bool]:
        """The module whose forward pass is a step of the phase, and whether it trains only part of the network.

        What it trains beside the network `begins` here, or is given to it afterwards, as learnt so far.

        On a GPU steps are recorded (`graphed_step.py`): the pass never waits for the device, and shapes are few.

        Raises:
            UserError: The teacher cannot be used.
        """
        ...

    def batches(
        self, phase: int, first: int, last: int, rank: int, processes: int, pinned: bool
    ) -> Iterable[StepBatch]:
        """Batches from draw `first` of the run to draw `last`."""
        ...

    def batches_as_in_use(self, phase: int, first: int, last: int) -> Iterable[StepBatch]:
        """The same without what only teaches and is never met in use."""
        ...

    def validate(self, network: nn.Module, phase: int, images: int, scalars: Scalars) -> dict[str, float]:
        """Measure a network and keep its weights; empty without a validation set."""
        ...

"""Batch norm's statistics of averaged weights, which no step of the training has met."""

from torch import nn
from torch.optim.swa_utils import update_bn

from model.training.objective import normalise
from model.training.task import Task


def take_statistics(network: nn.Module, task: Task, phase: int, first: int, images: int) -> None:
    """Take means and variances of a network's batch norms anew, as they would be met in use (Izmailov et al., 2018).

    Args:
        network: Changed in place.
        task: Whose pictures are run through, its sets open.
        phase: Whose random changes and input size they have.
        first: Number of the first draw.
        images: How many.
    """
    loader = task.batches_as_in_use(phase, first, first + images)
    update_bn((normalise(next(iter(batch))) for batch in loader), network, next(network.parameters()).device)

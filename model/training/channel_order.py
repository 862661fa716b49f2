"""Where channels are in networks of the Lite-HRNet family that differ in depth alone.

Every block ends in a shuffle of its channels, and what passes a block untouched keeps its content, so that in a deeper
network the content of a channel of the shallower one is found at another place, which follows from the shuffles alone.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from model.networks.lite_hrnet import BLOCKS_PER_MODULE


def shared_out(modules: int, segments: int) -> list[int]:
    """How many of a stage's modules each of its segments has: as even as can be, later segments more.

    The first segments then have one module each where there are few to share out, in which nothing is at another place.
    """
    per_segment, rest = divmod(modules, segments)
    return [per_segment + (k >= segments - rest) for k in range(segments)]


def shuffled(order: Tensor, blocks: int) -> Tensor:
    """What each channel holds after the shuffles of so many blocks, from what it held before: (C,) to (C,)."""
    for _ in range(blocks):
        order = order.reshape(2, -1).T.flatten()
    return order


def places_after(blocks: int, channels: int) -> Tensor:
    """Where each channel is after the shuffles of so many blocks, (C,): the inverse of `shuffled`."""
    return torch.argsort(shuffled(torch.arange(channels), blocks))


def channel_orders(widths: Sequence[int], deep: Sequence[int], other: Sequence[int]) -> list[list[Tensor]]:
    """Which channel of another network each channel of a network corresponds to, after each common segment.

    Args:
        widths: Channels of each branch, highest resolution first.
        deep: Modules of the network, stage by stage.
        other: Modules of the other one.

    Returns:
        For each segment of a stage, in order, for each branch of the stage: (C,) indices into the other's channels.
    """
    orders: list[Tensor] = [torch.arange(widths[0])]
    segments = []
    for stage, (ours, theirs) in enumerate(zip(deep, other, strict=True)):
        orders = [*orders, torch.arange(widths[stage + 1])]
        count = min(ours, theirs)
        for mine, its in zip(shared_out(ours, count), shared_out(theirs, count), strict=True):
            moved = [places_after(its * BLOCKS_PER_MODULE, len(order))[order] for order in orders]
            orders = [shuffled(order, mine * BLOCKS_PER_MODULE) for order in moved]
            segments.append(orders)
    return segments

"""Starting a deeper Lite-HRNet from a trained shallower one, without a gradient step.

The modules of a stage are shared out among those of the shallower network. Of those that stand for one of its modules,
the last makes the exchange, and all their blocks together do what its two blocks do. Three things are in the way of
copying:

- Half of the channels pass a block as they are and each block ends in a shuffle, so that behind an added block a
  channel is at another place (`channel_order`), and what is weighted there are other channels. A channel is therefore
  treated where it comes by, for nine in ten channels in time, and takes filters and weights along; the layers that
  compute weights from all channels at once are fitted by least squares (`grown_block`).
- Every exchange doubles branch 0. Its values are scaled down at the beginning, by half of what the added ones make.
- Every exchange ends in a ReLU: what is treated before an added one is raised above zero, and the next exchange takes
  that back.

What carries branches to one another is fitted by least squares to what it carries in the shallower network, on some
crops, so that it makes up in part for what the blocks before it miss. docs/training.md has the figures.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from model.checkpoints import identify_network, load_checkpoint, load_state, read_checkpoint
from model.networks import build_network
from model.networks.blocks import ConditionalChannelWeighting
from model.networks.lite_hrnet import BLOCKS_PER_MODULE, HRModule, LiteHRNet, Transition
from model.networks.pose_network import HeatmapHead, PoseNetwork
from model.training.channel_order import places_after, shared_out, shuffled
from model.training.distillation import modules_per_stage
from model.training.grown_block import NOBODY, Duty, fit_block, run_recorded
from model.training.grown_exchange import Twin, fit_exchange, fit_separable, grow_head, norms, quiet
from model.training.least_squares import linear_fit, rows, set_linear

Crops = Callable[[], Tensor]
"""Some training crops, (N, 3, H, W) normalised; a few hundred."""


def start_from(network: nn.Module, path: Path, crops: Crops) -> None:
    """Load weights of a network into it, or grow them where they are those of a shallower one of its family.

    Args:
        network: What is to be trained.
        path: A weight file of any format.
        crops: What growing is fitted on; called where the weights are grown.

    Raises:
        CheckpointError: The file cannot be read, or fits neither the network nor a shallower one.
    """
    shallower = _shallower(network, path)
    if shallower is None:
        load_checkpoint(network, path)
    else:
        training = network.training
        grow(cast(PoseNetwork, network).eval(), shallower.eval(), crops())
        network.train(training)


def _shallower(network: nn.Module, path: Path) -> PoseNetwork | None:
    """The network that the file belongs to, with its weights, where `network` is the same with more modules."""
    if not isinstance(network, PoseNetwork) or not isinstance(network.backbone, LiteHRNet):
        return None
    state = read_checkpoint(path)
    found = identify_network(state)
    if found is None:
        return None
    other = cast(PoseNetwork, build_network(*found))
    if not isinstance(other.backbone, LiteHRNet) or not _differ_in_modules_alone(network, other):
        return None
    load_state(other, state, path)
    return other


def _differ_in_modules_alone(deeper: PoseNetwork, shallower: PoseNetwork) -> bool:
    counts = zip(modules_per_stage(deeper), modules_per_stage(shallower), strict=True)
    shapes = {name: tensor.shape for name, tensor in deeper.state_dict().items()}
    fits = all(shapes.get(name) == tensor.shape for name, tensor in shallower.state_dict().items())
    return fits and all(more >= fewer for more, fewer in counts) and len(shapes) > len(shallower.state_dict())


@torch.no_grad()
def grow(deeper: PoseNetwork, shallower: PoseNetwork, images: Tensor) -> None:
    """Give a deeper network weights with which it says what a shallower one says, as nearly as it can.

    Args:
        deeper: In evaluation mode.
        shallower: The same with fewer modules, in evaluation mode.
        images: (N, 3, H, W) normalised crops.
    """
    ours, theirs = cast(LiteHRNet, deeper.backbone), cast(LiteHRNet, shallower.backbone)
    counts = list(zip(modules_per_stage(deeper), modules_per_stage(shallower), strict=True))
    ours.stem.load_state_dict(theirs.stem.state_dict())
    stem = theirs.stem(images)
    branches = [Twin(stem, stem, torch.arange(stem.shape[1]), 1.0)]
    for s, (more, fewer) in enumerate(counts):
        here, there = (cast(Transition, each.get_submodule(f"transition{s}")) for each in (ours, theirs))
        if s == 0:
            added = sum(more - fewer for more, fewer in counts)
            branches = _first_branches(here, there, stem, 0.5 ** (added // 2))
        else:
            branches.append(_new_branch(here, there, branches[-1]))
        our_stage, their_stage = (cast(nn.Sequential, each.get_submodule(f"stage{s}")) for each in (ours, theirs))
        modules = iter(cast(Iterable[HRModule], our_stage))
        for module, count in zip(their_stage, shared_out(more, fewer), strict=True):
            _grow_module(list(islice(modules, count)), cast(HRModule, module), branches)
    our_features, their_features = grow_head(ours.head_layer.projects, theirs.head_layer.projects, branches)
    final = cast(HeatmapHead, deeper.head).final_layer
    set_linear(final, *linear_fit(rows(our_features), rows(shallower.head(their_features))))


def _first_branches(ours: Transition, theirs: Transition, stem: Tensor, scale: float) -> list[Twin]:
    ours.load_state_dict(theirs.state_dict())
    last = norms(ours[0])[-1]
    last.weight.mul_(scale)
    last.bias.mul_(scale)
    made = zip(theirs([stem]), ours([stem]), (scale, 1.0), strict=True)
    return [Twin(their, our, torch.arange(our.shape[1]), each) for their, our, each in made]


def _new_branch(ours: Transition, theirs: Transition, lowest: Twin) -> Twin:
    our, their = (cast(nn.Sequential, cast(nn.Sequential, each[-1])[0]) for each in (ours, theirs))
    new = their(lowest.theirs)
    branch = Twin(new, new, torch.arange(new.shape[1]), 1.0)
    fit_separable(our, their, lowest, branch)
    branch.ours = our(lowest.ours)
    return branch


def _grow_module(group: Sequence[HRModule], module: HRModule, branches: list[Twin]) -> None:
    """Let modules of the deeper network do what one of the shallower does; `branches` then are what they answer."""
    theirs = [branch.theirs for branch in branches]
    records = []
    for block in module.layers:
        theirs, record = run_recorded(cast(ConditionalChannelWeighting, block), theirs)
        records.append(record)
    blocks = [cast(ConditionalChannelWeighting, block) for each in group for block in each.layers]
    duties = [_duties(branch.order, len(blocks)) for branch in branches]
    last = len(blocks) - BLOCKS_PER_MODULE
    ours = [branch.ours for branch in branches]
    for b, block in enumerate(blocks):
        scales = [branch.scale for branch in branches]
        given = [duty[b] for duty in duties]
        ours = fit_block(block, ours, records, b % BLOCKS_PER_MODULE, given, scales, stays_positive=b < last)
        if b % BLOCKS_PER_MODULE == BLOCKS_PER_MODULE - 1 and b < last:
            exchange = group[b // BLOCKS_PER_MODULE].fuse_layers
            quiet(exchange)
            ours = exchange(ours)
            branches[0].scale *= 2
    for branch, their, our in zip(branches, theirs, ours, strict=True):
        channels = len(branch.order)
        branch.order = shuffled(places_after(BLOCKS_PER_MODULE, channels)[branch.order], len(blocks))
        branch.theirs, branch.ours = their, our
    fit_exchange(group[-1].fuse_layers, module.fuse_layers, branches)
    for branch, their, our in zip(branches, module.fuse_layers(theirs), group[-1].fuse_layers(ours), strict=True):
        branch.theirs, branch.ours = their, our


def _duties(order: Tensor, blocks: int) -> list[Duty]:
    """What each of our blocks does to a branch, whose channels are at first in this order (C,)."""
    channels = len(order)
    half = channels // 2
    theirs = [places_after(b, channels).tolist() for b in range(BLOCKS_PER_MODULE)]
    ours = [places_after(b, channels)[torch.argsort(order)].tolist() for b in range(blocks)]
    block, index = (torch.full((blocks, half), fill) for fill in (NOBODY, 0))
    for channel in range(channels):
        needed = [b for b, places in enumerate(theirs) if places[channel] >= half]
        possible = [b for b, places in enumerate(ours) if places[channel] >= half]
        for at, as_by in _matched(needed, possible, blocks - BLOCKS_PER_MODULE):
            place = ours[at][channel] - half
            block[at, place], index[at, place] = as_by, theirs[as_by][channel] - half
    return [Duty(*each) for each in zip(block, index, strict=True)]


def _matched(needed: list[int], possible: list[int], last: int) -> list[tuple[int, int]]:
    """Which of our blocks treats a channel as which of theirs; those from `last` on, behind the last ReLU, first."""
    if len(possible) >= len(needed) > 1:
        return list(zip(possible[-len(needed) :], needed, strict=True))
    if not needed or not possible:
        return []
    like = {at: at % BLOCKS_PER_MODULE for at in possible}
    at = max(possible, key=lambda at: (at >= last, like[at] in needed, at))
    return [(at, like[at] if like[at] in needed else needed[0])]

"""What carries branches of a Lite-HRNet to one another, fitted to what it carries in a shallower network."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from model.networks.blocks import DepthwiseSeparableConv, FuseLayers, source_of
from model.networks.lite_hrnet import raise_resolution
from model.training.least_squares import fit_pointwise, rows, set_norm


@dataclass
class Twin:
    """A branch of a shallower network, theirs, and of the deeper one, ours, on the same crops.

    Attributes:
        theirs: (N, C, H, W) in the shallower network.
        ours: The same in the deeper one.
        order: (C,) which of their channels each of ours is.
        scale: How many times larger our values are.
    """

    theirs: Tensor
    ours: Tensor
    order: Tensor
    scale: float

    def expected(self, theirs: Tensor) -> Tensor:
        """What ours should be where the shallower network has `theirs`."""
        return theirs[:, self.order] * self.scale


def fit_exchange(ours: FuseLayers, theirs: FuseLayers, branches: list[Twin]) -> None:
    """Make an exchange between branches answer with what the shallower network's exchange does."""
    their_branches, our_branches = [branch.theirs for branch in branches], [branch.ours for branch in branches]
    their_sums: list[Tensor] = []
    our_sums: list[Tensor] = []
    for i, branch in enumerate(branches):
        our_layers, their_layers = (cast(nn.ModuleList, exchange[i]) for exchange in (ours, theirs))
        for j, other in enumerate(branches):
            if j != i:
                their_input = source_of(i, j, their_branches, their_sums)
                source = Twin(their_input, source_of(i, j, our_branches, our_sums), other.order, other.scale)
                _fit_carrying(cast(nn.Sequential, our_layers[j]), cast(nn.Sequential, their_layers[j]), source, branch)
        their_sums.append(theirs.sum_at(i, their_branches, theirs.carried_to(i, their_branches, their_sums)))
        carried = ours.carried_to(i, our_branches, our_sums)
        found = ours.sum_at(i, our_branches, carried)
        # What was raised above zero, and whatever else is off on average, one of the batch norms takes back.
        missing = rows(branch.expected(their_sums[i])).mean(0) - rows(found).mean(0)
        j = next((j for j in carried if j != 0), 0)
        norms(our_layers[j])[-1].bias.add_(missing / (2 if j == 0 else 1))
        our_sums.append(found + missing[:, None, None])


def _fit_carrying(ours: nn.Sequential, theirs: nn.Sequential, source: Twin, target: Twin) -> None:
    """Fit what carries one branch to another: a 1x1 convolution, or strided separable convolutions."""
    if isinstance(ours[0], nn.Conv2d):
        fit_pointwise(ours[0], ours[1], source.ours, target.expected(theirs(source.theirs)))
        return
    steps = list(zip(ours, theirs, strict=True))
    for our, their in steps[:-1]:
        answer = their(source.theirs)
        # Between steps channels are in the shallower network's order.
        between = Twin(answer, answer, torch.arange(answer.shape[1]), 1.0)
        fit_separable(cast(nn.Sequential, our), cast(nn.Sequential, their), source, between)
        between.ours = our(source.ours)
        source = between
    our, their = steps[-1]
    fit_separable(cast(nn.Sequential, our), cast(nn.Sequential, their), source, target)


def fit_separable(ours: nn.Sequential, theirs: nn.Sequential, source: Twin, target: Twin) -> None:
    """Fit layers of `separable_layers`, whose answer is in the target's order and scale."""
    depthwise, norm, pointwise, last = list(ours)[:4]
    between = nn.Sequential(*list(theirs)[:2])
    wanted = target.expected(nn.Sequential(*list(theirs)[2:4])(between(source.theirs)))
    _take_over(depthwise, norm, between[0], between[1], source)
    fit_pointwise(pointwise, last, norm(depthwise(source.ours)), wanted)


def _take_over(conv: nn.Module, norm: nn.Module, their_conv: nn.Module, their_norm: nn.Module, source: Twin) -> None:
    """Take over a depthwise convolution and its batch norm, for channels in our order and scale."""
    conv, their_conv = cast(nn.Conv2d, conv), cast(nn.Conv2d, their_conv)
    norm, their_norm = cast(nn.BatchNorm2d, norm), cast(nn.BatchNorm2d, their_norm)
    conv.weight.copy_(their_conv.weight[source.order] / source.scale)
    set_norm(norm, rows(conv(source.ours)), their_norm.weight[source.order], their_norm.bias[source.order])


def grow_head(ours: nn.ModuleList, theirs: nn.ModuleList, branches: list[Twin]) -> None:
    """Fit the projections of the iterative head, lowest branch first, to those of the shallower network."""
    rising = branches[::-1]
    source = rising[0]
    for step, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        our, their = cast(DepthwiseSeparableConv, our), cast(DepthwiseSeparableConv, their)
        above = rising[step + 1] if step + 1 < len(rising) else None
        depthwise = their.depthwise_conv
        _take_over(our.depthwise_conv.conv, our.depthwise_conv.bn, depthwise.conv, depthwise.bn, source)
        pointwise = their.pointwise_conv
        wanted = pointwise.bn(pointwise.conv(their.depthwise_conv(source.theirs)))
        wanted = wanted if above is None else above.expected(wanted)
        fit_pointwise(our.pointwise_conv.conv, our.pointwise_conv.bn, our.depthwise_conv(source.ours), wanted)
        if above is not None:
            theirs_raised, ours_raised = raise_resolution(their(source.theirs)), raise_resolution(our(source.ours))
            source = Twin(above.theirs + theirs_raised, above.ours + ours_raised, above.order, above.scale)


def quiet(exchange: FuseLayers) -> None:
    """Let an exchange add nothing to the branches (Goyal et al., arXiv:1706.02677, section 5.1)."""
    for i, layers in enumerate(exchange):
        for j, layer in enumerate(cast(nn.ModuleList, layers)):
            if j != i:
                last = norms(layer)[-1]
                nn.init.zeros_(last.weight)
                nn.init.zeros_(last.bias)


def norms(module: nn.Module) -> list[nn.BatchNorm2d]:
    """The batch norms inside, in the order in which they act."""
    return [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]

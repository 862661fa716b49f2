"""What carries branches of a Lite-HRNet to one another, fitted to what it carries in a shallower network."""

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from model.networks.blocks import DepthwiseSeparableConv, FuseLayers, source_of
from model.networks.lite_hrnet import raise_resolution
from model.training.least_squares import PLACES, fit_pointwise, linear_fit, rows, set_norm, set_pointwise


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
        inputs = {}
        for j, other in enumerate(branches):
            if j != i:
                their_input = source_of(i, j, their_branches, their_sums)
                source = Twin(their_input, source_of(i, j, our_branches, our_sums), other.order, other.scale)
                inputs[j] = _carry(cast(nn.Sequential, our_layers[j]), cast(nn.Sequential, their_layers[j]), source)
        their_sums.append(theirs.sum_at(i, their_branches, theirs.carried_to(i, their_branches, their_sums)))
        wanted = branch.expected(their_sums[i]) - (2 * branch.ours if i == 0 else branch.ours)
        _fit_together(our_layers, inputs, wanted)
        our_sums.append(ours.sum_at(i, our_branches, ours.carried_to(i, our_branches, our_sums)))


def _fit_together(layers: nn.ModuleList, inputs: dict[int, Tensor], wanted: Tensor) -> None:
    """Fit the last 1x1 convolutions of what is carried to a branch to what is wanted of their sum (N, C, H, W).

    Each alone would leave to chance what its branch misses; together they make up for it where they can.
    """
    height = wanted.shape[2]
    doubled = {j: 2 if j == 0 else 1 for j in inputs}  # an exchange adds what comes from branch 0 twice
    places = _some_places(wanted)
    columns = [_at(x, places, height) * doubled[j] for j, x in inputs.items()]
    weights, bias = linear_fit(torch.cat(columns, dim=1), _at(wanted, places, height))
    parts = torch.split(weights, [x.shape[1] for x in inputs.values()], dim=1)
    for part, (j, x) in zip(parts, inputs.items(), strict=True):
        conv, norm = [layer for layer in layers[j].modules() if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)][-2:]
        set_pointwise(conv, norm, x, part, torch.zeros_like(bias))
    j = next(iter(inputs))
    norms(layers[j])[-1].bias.add_(bias / doubled[j])


def _some_places(x: Tensor) -> Tensor:
    """(P, 3) indices of a crop, a row and a column of (N, C, H, W): all of them, or random ones where they are many."""
    counts = [x.shape[d] for d in (0, 2, 3)]
    if math.prod(counts) <= PLACES:
        return torch.cartesian_prod(*(torch.arange(count) for count in counts))
    generator = torch.Generator().manual_seed(0)
    return torch.stack([torch.randint(count, (PLACES,), generator=generator) for count in counts], dim=1)


def _at(x: Tensor, places: Tensor, height: int) -> Tensor:
    """(P, C) values of a map at places of a map of this height, lower resolutions raised by repetition."""
    reduced = height // x.shape[2]
    return x[places[:, 0], :, places[:, 1] // reduced, places[:, 2] // reduced]


def _carry(ours: nn.Sequential, theirs: nn.Sequential, source: Twin) -> Tensor:
    """Fit what carries one branch to another, up to its last 1x1 convolution; what that one is given then."""
    if isinstance(ours[0], nn.Conv2d):
        return source.ours
    *steps, last = (tuple(cast(nn.Sequential, layers) for layers in pair) for pair in zip(ours, theirs, strict=True))
    for our, their in steps:
        answer = their(source.theirs)
        # Between steps channels are in the shallower network's order.
        between = Twin(answer, answer, torch.arange(answer.shape[1]), 1.0)
        fit_separable(our, their, source, between)
        between.ours = our(source.ours)
        source = between
    our, their = last
    _take_over(our[0], our[1], their[0], their[1], source)
    return cast(Tensor, our[1](our[0](source.ours)))


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


def grow_head(ours: nn.ModuleList, theirs: nn.ModuleList, branches: list[Twin]) -> tuple[Tensor, Tensor]:
    """Fit the projections of the iterative head, lowest branch first, to those of the shallower network.

    Returns:
        What our head answers then, and what theirs does, (N, C, H, W) each.
    """
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
        answers = our(source.ours), their(source.theirs)
        if above is not None:
            our_sum, their_sum = above.ours + raise_resolution(answers[0]), above.theirs + raise_resolution(answers[1])
            source = Twin(their_sum, our_sum, above.order, above.scale)
    return answers


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

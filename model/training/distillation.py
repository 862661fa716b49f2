"""Learning from a teacher of the Lite-HRNet family: its heatmaps, and its features at the end of every module.

Both networks are cut into segments that start and end at the same places: the stem, each of the teacher's modules with
the transition before it, and the head. A deeper network has several modules to a segment. The features between
segments have the same shapes in both networks, so that they can be compared, in networks of one depth without adapters,
and a segment of ours can be fed the teacher's features and fitted to the teacher's answer by itself (block-wise
distillation: Li et al., DNA, CVPR 2020).
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.errors import ConfigError
from model.networks.blocks import DepthwiseSeparableConv
from model.networks.lite_hrnet import LiteHRNet
from model.networks.pose_network import PoseNetwork
from model.training.channel_order import channel_orders, shared_out
from model.training.least_squares import linear_fit, rows, set_linear

Features = list[Tensor]
_FLOOR = 0.02  # of the mean variance, so that channels that are nearly dead in the teacher do not weigh the most
_TINY = 1e-8  # a branch that is dead as a whole would divide by zero
_DEAD = 1e-2  # variance of channels that are used for next to nothing, which standardising would blow up to noise


class Segment(nn.Module):
    """Consecutive parts of a network, run one after another."""

    def __init__(self, parts: Sequence[nn.Module]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def forward(self, branches: Features) -> Features:
        for part in self.parts:
            branches = part(branches)
        return branches


class _Stem(nn.Module):
    def __init__(self, stem: nn.Module) -> None:
        super().__init__()
        self.stem = stem

    def forward(self, branches: Features) -> Features:
        return [self.stem(branches[0])]


class _Head(nn.Module):
    def __init__(self, head_layer: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.head_layer = head_layer
        self.head = head

    def forward(self, branches: Features) -> Features:
        return [self.head(self.head_layer(branches))]


def modules_per_stage(network: PoseNetwork) -> tuple[int, ...]:
    """How many modules each stage of a network has.

    Raises:
        ConfigError: The network is no Lite-HRNet.
    """
    backbone = _backbone(network)
    return tuple(len(_stage(backbone, s)) for s in range(backbone.stages))


def cut(network: PoseNetwork, cuts: Sequence[int]) -> list[nn.Module]:
    """Cut a network into segments; they share its parameters.

    Args:
        network: Any of the family.
        cuts: How many segments each stage gives; its modules are shared out among them, later segments more.

    Returns:
        sum(cuts) + 2 segments, each from features to features: the stem, the stages' and the head.

    Raises:
        ConfigError: The network is no Lite-HRNet.
    """
    backbone = _backbone(network)
    segments: list[nn.Module] = [Segment([_Stem(backbone.stem)])]
    for s, count in enumerate(cuts):
        modules = list(_stage(backbone, s))
        for k, take in enumerate(shared_out(len(modules), count)):
            parts, modules = modules[:take], modules[take:]
            if k == 0:
                parts.insert(0, backbone.get_submodule(f"transition{s}"))
            segments.append(Segment(parts))
    segments.append(Segment([_Head(backbone.head_layer, network.head)]))
    return segments


def common_cuts(student: PoseNetwork, teacher: PoseNetwork) -> tuple[int, ...]:
    """Segments a stage into which both networks can be cut: the modules of the shallower one.

    Raises:
        ConfigError: One is no Lite-HRNet, or their branches differ in channels.
    """
    pairs = list(zip(modules_per_stage(student), modules_per_stage(teacher), strict=True))
    widths = [_widths(network) for network in (student, teacher)]
    if widths[0] != widths[1]:
        raise ConfigError(
            f"the teacher's branches have {widths[1]} channels, the network's {widths[0]}; choose another teacher"
        )
    return tuple(min(pair) for pair in pairs)


class Adapters(nn.Module):
    """Carries a student's features over to those of a teacher of another depth, one 1x1 convolution a branch.

    Blocks end in a shuffle, and each exchange between branches doubles branch 0, so that place and scale of a channel
    depend on how many modules were before it. What is compared is therefore standardised, and the convolutions start
    from the order that the shuffles give; they are learnt along and thrown away (Romero et al., "FitNets", ICLR 2015).
    A student that has learnt without a teacher's features does not keep to that order: `fit` starts them from its own.
    """

    def __init__(self, student: PoseNetwork, teacher: PoseNetwork) -> None:
        super().__init__()
        stem = torch.arange(_backbone(student).stem.linear_conv.conv.out_channels * 2)
        orders = channel_orders(_widths(student), modules_per_stage(student), modules_per_stage(teacher))
        lists = [[stem], *orders]
        self.segments = nn.ModuleList(nn.ModuleList(_carry(order) for order in branches) for branches in lists)

    def forward(self, ours: list[Features], taught: list[Features]) -> tuple[list[Features], list[Features]]:
        """Features after the first segments, of the student and of the teacher, made comparable."""
        pairs = zip(ours, self.segments, strict=False)
        carried = [
            [layer(x) for layer, x in zip(cast(nn.ModuleList, layers), each, strict=True)] for each, layers in pairs
        ]
        return carried, [_standardised(each) for each in taught]

    @torch.no_grad()
    def fit(self, ours: list[Features], taught: list[Features]) -> None:
        """Make the convolutions the least-squares maps between the features of some crops."""
        for layers, *each in zip(self.segments, ours, taught, strict=False):
            for layer, x, wanted in zip(cast(nn.ModuleList, layers), *map(_standardised, each), strict=True):
                places, answers = rows(x).cpu(), rows(wanted).cpu()  # in double precision, which not every GPU has
                set_linear(cast(nn.Sequential, layer)[1], *linear_fit(places, answers))


def _standardised(branches: Features) -> Features:
    return [F.batch_norm(x, None, None, training=True, eps=_DEAD) for x in branches]


def _carry(order: Tensor) -> nn.Module:
    channels = len(order)
    layer = nn.Conv2d(channels, channels, 1)
    nn.init.zeros_(layer.weight)
    with torch.no_grad():
        layer.weight[order, torch.arange(channels)] = 1
    return nn.Sequential(nn.BatchNorm2d(channels, eps=_DEAD, affine=False), layer)


def _widths(network: PoseNetwork) -> list[int]:
    projects = _backbone(network).head_layer.projects
    return [cast(DepthwiseSeparableConv, project).pointwise_conv.conv.in_channels for project in reversed(projects)]


def _backbone(network: PoseNetwork) -> LiteHRNet:
    if not isinstance(network.backbone, LiteHRNet):
        raise ConfigError("a teacher can train networks of the Lite-HRNet family alone; leave the teacher out")
    return network.backbone


def _stage(backbone: LiteHRNet, s: int) -> nn.Sequential:
    return cast(nn.Sequential, backbone.get_submodule(f"stage{s}"))


def run_segments(segments: Sequence[nn.Module], images: Tensor) -> list[Features]:
    """The features after each segment; the last one's are the heatmaps."""
    features: list[Features] = [[images]]
    for segment in segments:
        features.append(segment(features[-1]))
    return features[1:]


def run_fed(segments: Sequence[nn.Module], images: Tensor, taught: list[Features]) -> list[Features]:
    """The features after each segment when each is fed the teacher's features."""
    inputs = [[images], *taught[:-1]]
    return [segment(branches) for segment, branches in zip(segments, inputs, strict=True)]


def feature_errors(ours: Sequence[Features], taught: Sequence[Features]) -> Tensor:
    """Mean square error of features in units of the teacher's variance, one number a segment.

    1 is no better than a constant. Taken channel by channel with the batch's own variance, then averaged over channels
    and over branches.
    """
    return torch.stack([_segment_error(*pair) for pair in zip(ours, taught, strict=True)])


def _segment_error(ours: Features, taught: Features) -> Tensor:
    pairs = ((rows(mine.float()), rows(theirs)) for mine, theirs in zip(ours, taught, strict=True))
    errors = [_ErrorInVariances.apply(*pair) for pair in pairs]  # type: ignore[no-untyped-call]
    return torch.stack(errors).mean()


class _ErrorInVariances(torch.autograd.Function):
    """Mean over channels of the mean square error of rows (P, C), in units of each channel's variance in the second.

    Autograd's own gradient has the channels first in memory, which makes everything that it passes through slow, a
    seventh of a training step; this one has the memory layout of the first input.
    """

    @staticmethod
    def forward(ctx: Any, ours: Tensor, theirs: Tensor) -> Tensor:
        # Tensor.var takes six times as long over these dimensions.
        variance = (theirs - theirs.mean(0)).square_().mean(0)
        scale = 1 / (variance + _FLOOR * variance.mean() + _TINY)
        difference = ours - theirs
        ctx.save_for_backward(difference, scale)
        return (difference.square().mean(0) * scale).mean()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        difference, scale = ctx.saved_tensors
        return difference * (scale * (2 * gradient / difference.numel())), None

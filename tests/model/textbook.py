"""Lite-HRNet written down once more, plainly, as a function of a state dict: what the networks are compared with.

Each step is the textbook form of its formula: concatenate then shuffle, pool to a size, upsample each branch by itself,
add the doubled terms twice.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor


class TextbookLiteHRNet:
    """A forward pass from weights alone; the structure is read off their names."""

    def __init__(self, state: Mapping[str, Tensor], *, training: bool) -> None:
        self.state = state
        self.training = training

    def __call__(self, x: Tensor) -> Tensor:
        branches = [self.stem(x)]
        s = 0
        while self.has(f"backbone.stage{s}."):
            branches = self.transition(branches, s)
            m = 0
            while self.has(f"backbone.stage{s}.{m}."):
                branches = self.module(branches, f"backbone.stage{s}.{m}")
                m += 1
            s += 1
        return self.conv(self.head(branches), "head.final_layer")

    def has(self, prefix: str) -> bool:
        return any(name.startswith(prefix) for name in self.state)

    def conv(self, x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = self.state[f"{name}.weight"]
        groups = x.shape[1] // weight.shape[1]
        return F.conv2d(x, weight, self.state.get(f"{name}.bias"), stride, weight.shape[-1] // 2, groups=groups)

    def norm(self, x: Tensor, name: str) -> Tensor:
        mean, variance = (self.state[f"{name}.{key}"].detach().clone() for key in ("running_mean", "running_var"))
        weight, bias = self.state[f"{name}.weight"], self.state[f"{name}.bias"]
        return F.batch_norm(x, mean, variance, weight, bias, training=self.training)

    def conv_norm(self, x: Tensor, name: str, stride: int = 1) -> Tensor:
        return self.norm(self.conv(x, f"{name}.conv", stride), f"{name}.bn")

    def separable(self, x: Tensor, name: str, stride: int = 1) -> Tensor:
        x = self.norm(self.conv(x, f"{name}.0", stride), f"{name}.1")
        return self.norm(self.conv(x, f"{name}.2"), f"{name}.3")

    def stem(self, x: Tensor) -> Tensor:
        name = "backbone.stem"
        first, second = F.relu(self.conv_norm(x, f"{name}.conv1", 2)).chunk(2, dim=1)
        first = F.relu(self.conv_norm(self.conv_norm(first, f"{name}.branch1.0", 2), f"{name}.branch1.1"))
        second = F.relu(self.conv_norm(second, f"{name}.expand_conv"))
        second = F.relu(self.conv_norm(self.conv_norm(second, f"{name}.depthwise_conv", 2), f"{name}.linear_conv"))
        return shuffle(torch.cat((first, second), dim=1))

    def transition(self, branches: list[Tensor], s: int) -> list[Tensor]:
        name = f"backbone.transition{s}"
        kept = [
            F.relu(self.separable(x, f"{name}.{i}")) if self.has(f"{name}.{i}.") else x for i, x in enumerate(branches)
        ]
        return [*kept, F.relu(self.separable(branches[-1], f"{name}.{len(branches)}.0", 2))]

    def module(self, branches: list[Tensor], name: str) -> list[Tensor]:
        for b in range(2):
            if self.has(f"{name}.layers.0.depthwise_convs"):
                branches = self.conditional_block(branches, f"{name}.layers.{b}")
            else:
                branches = [self.shuffle_block(x, f"{name}.layers.{i}.{b}.branch2") for i, x in enumerate(branches)]
        return self.fuse(branches, f"{name}.fuse_layers")

    def shuffle_block(self, x: Tensor, name: str) -> Tensor:
        first, second = x.chunk(2, dim=1)
        second = self.conv_norm(F.relu(self.conv_norm(second, f"{name}.0")), f"{name}.1")
        return shuffle(torch.cat((first, F.relu(self.conv_norm(second, f"{name}.2"))), dim=1))

    def conditional_block(self, branches: list[Tensor], name: str) -> list[Tensor]:
        firsts, seconds = zip(*(x.chunk(2, dim=1) for x in branches), strict=True)
        if self.has(f"{name}.cross_resolution_weighting"):
            size = seconds[-1].shape[-2:]
            pooled = torch.cat([F.adaptive_avg_pool2d(x, size) for x in seconds], dim=1)
            hidden = F.relu(self.conv_norm(pooled, f"{name}.cross_resolution_weighting.conv1"))
            maps = torch.sigmoid(self.conv_norm(hidden, f"{name}.cross_resolution_weighting.conv2"))
            maps = maps.split([x.shape[1] for x in seconds], dim=1)
            maps = [F.interpolate(w, x.shape[-2:], mode="nearest") for w, x in zip(maps, seconds, strict=True)]
            seconds = [x * w for x, w in zip(seconds, maps, strict=True)]
        seconds = [self.conv_norm(x, f"{name}.depthwise_convs.{i}") for i, x in enumerate(seconds)]
        if self.has(f"{name}.spatial_weighting"):
            seconds = [self.spatial(x, f"{name}.spatial_weighting.{i}") for i, x in enumerate(seconds)]
        return [shuffle(torch.cat(halves, dim=1)) for halves in zip(firsts, seconds, strict=True)]

    def spatial(self, x: Tensor, name: str) -> Tensor:
        hidden = F.relu(self.conv(x.mean(dim=(2, 3), keepdim=True), f"{name}.conv1.conv"))
        return x * torch.sigmoid(self.conv(hidden, f"{name}.conv2.conv"))

    def fuse(self, out: list[Tensor], name: str) -> list[Tensor]:
        def f(i: int, j: int, x: Tensor) -> Tensor:
            if j > i:
                x = self.norm(self.conv(x, f"{name}.{i}.{j}.0"), f"{name}.{i}.{j}.1")
                return F.interpolate(x, scale_factor=2 ** (j - i), mode="nearest")
            for step in range(i - j):
                x = self.separable(x, f"{name}.{i}.{j}.{step}", 2)
                x = F.relu(x) if step < i - j - 1 else x
            return x

        others = range(1, len(out))
        y = [out[0] + out[0] + sum(f(0, j, out[j]) for j in others)]
        for i in others:
            y.append(f(i, 0, y[0]) + f(i, 0, y[0]) + out[i] + sum(f(i, j, out[j]) for j in others if j != i))
        return [F.relu(x) for x in y]

    def head(self, branches: list[Tensor]) -> Tensor:
        x: Tensor | None = None
        for k, branch in enumerate(reversed(branches)):
            if x is not None:
                branch = branch + F.interpolate(x, branch.shape[-2:], mode="bilinear", align_corners=True)
            name = f"backbone.head_layer.projects.{k}"
            x = F.relu(self.conv_norm(self.conv_norm(branch, f"{name}.depthwise_conv"), f"{name}.pointwise_conv"))
        assert x is not None
        return x


def shuffle(x: Tensor) -> Tensor:
    """Channel shuffle with two groups."""
    n, c, h, w = x.shape
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)

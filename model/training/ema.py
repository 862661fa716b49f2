"""The average of a network's weights over training steps: exponential, or of all alike."""

import copy

import torch
from torch import Tensor, nn


class WeightAverage:
    """Average of weights and batch-norm statistics over training steps, which is what is evaluated and shipped.

    The decay rises as (1 + n) / (10 + n) over the first updates, so that a short run's average does not lag behind. A
    decay of 1 weighs all steps alike (stochastic weight averaging: Izmailov et al., arXiv:1803.05407).

    Args:
        network: What to average; its present weights are the first value.
        decay: The decay's final value.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        n = self.updates
        decay = n / (n + 1) if self._decay == 1 else min(self._decay, (1 + n) / (10 + n))
        self.updates += 1
        averages, values = self._tensors(self.network), self._tensors(network)
        pairs = list(zip(averages, values, strict=True))
        floating = [pair for pair in pairs if pair[0].is_floating_point()]
        counts = [pair for pair in pairs if not pair[0].is_floating_point()]
        torch._foreach_lerp_([a for a, _ in floating], [v for _, v in floating], 1 - decay)
        if counts:
            torch._foreach_copy_([a for a, _ in counts], [v for _, v in counts])

    @staticmethod
    def _tensors(network: nn.Module) -> list[Tensor]:
        return [*network.parameters(), *network.buffers()]

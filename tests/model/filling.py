"""Weights by a formula, for comparing networks without any weight file."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor


def fill(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights for all tensors of a state dict; number t has seed 1000 + t, so the order counts.

    Batch-norm statistics and affine terms are random too: fresh ones would hide faults in their order.
    """
    filled = {}
    for t, (name, tensor) in enumerate(state.items()):
        n = np.random.RandomState(1000 + t).standard_normal(tensor.shape).astype(np.float32)
        if name.endswith("num_batches_tracked"):
            n = np.zeros(())
        elif name.endswith("running_var"):
            n = 1 + 0.1 * np.abs(n)
        elif name.endswith(("running_mean", "bias")):
            n = 0.1 * n
        elif tensor.ndim == 4:
            n = n * np.sqrt(1 / np.prod(tensor.shape[1:]))
        else:
            n = 1 + 0.1 * n
        filled[name] = torch.from_numpy(np.asarray(n)).to(tensor.dtype)
    return filled

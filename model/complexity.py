"""How large a network is and how much it computes."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from model.input_size import InputSize


def count_parameters(network: nn.Module) -> int:
    """Trainable numbers of a network."""
    return sum(parameter.numel() for parameter in network.parameters())


def count_macs(network: nn.Module, input_size: InputSize) -> int:
    """Multiply-adds of a network's convolutions for one crop, each counted as often as it really runs.

    Adding a bias, batch norm (folded into the convolution before it for inference), activations, pooling and
    upsampling are not counted.

    Args:
        network: A module from (N, 3, H, W) to anything, on any device, "meta" included; left in the mode it was in.
        input_size: H and W.
    """
    training = network.training
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, *input_size, device=next(network.parameters()).device))
    network.train(training)
    return int(counter.get_total_flops()) // 2

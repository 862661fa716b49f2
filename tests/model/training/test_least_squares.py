import pytest
import torch
from torch import nn

from model.training.least_squares import fit_norm, fit_pointwise, linear_fit, rows


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_linear_map_is_found(generator: torch.Generator) -> None:
    inputs = torch.randn(500, 6, generator=generator) * torch.tensor([0.01, 0.1, 1, 2, 5, 10]) + 3
    weights, bias = torch.randn(4, 6, generator=generator), torch.randn(4, generator=generator)
    found, offset = linear_fit(inputs, inputs @ weights.T + bias, ridge=1e-9)
    torch.testing.assert_close(inputs @ found.T + offset, inputs @ weights.T + bias, rtol=1e-3, atol=1e-2)


def test_dead_and_repeated_inputs_do_no_harm(generator: torch.Generator) -> None:
    one = torch.randn(300, 1, generator=generator)
    inputs = torch.cat([one, one, torch.zeros(300, 1), torch.full((300, 1), 7.0)], dim=1)
    weights, bias = linear_fit(inputs, 3 * one + 1)
    assert weights.abs().max() < 4
    torch.testing.assert_close(inputs @ weights.T + bias, 3 * one + 1, rtol=0, atol=0.05)


@torch.no_grad()
def test_a_fitted_convolution_and_its_norm_answer_as_wanted(generator: torch.Generator) -> None:
    """In evaluation mode, and in training mode on the same inputs, where the norm takes their own statistics."""
    inputs = torch.randn(4, 6, 5, 3, generator=generator).to(memory_format=torch.channels_last) + 2
    wanted = nn.functional.conv2d(inputs, torch.randn(4, 6, 1, 1, generator=generator)) - 5
    conv, norm = nn.Conv2d(6, 4, 1, bias=False), nn.BatchNorm2d(4)
    fit_pointwise(conv, norm, inputs, wanted)
    torch.testing.assert_close(norm.eval()(conv(inputs)), wanted, rtol=0.02, atol=0.05)
    torch.testing.assert_close(norm.train()(conv(inputs)), wanted, rtol=0.04, atol=0.1)


@torch.no_grad()
def test_a_fitted_norm_comes_as_close_as_a_line_a_channel_can(generator: torch.Generator) -> None:
    inputs = torch.randn(400, 3, generator=generator) * 4 + 1
    noise = torch.randn(400, 3, generator=generator)
    slope, offset = torch.tensor([2.0, -1.0, 0.0]), torch.tensor([1.0, 0.0, 5.0])
    norm = nn.BatchNorm2d(3).eval()
    fit_norm(norm, inputs, inputs * slope + offset + noise)
    found = rows(norm(inputs[:, :, None, None]))
    torch.testing.assert_close(found, inputs * slope + offset, rtol=0, atol=0.5)

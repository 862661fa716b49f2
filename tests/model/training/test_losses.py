import numpy as np
import pytest
import torch

from model.heatmaps import encode
from model.training.losses import heatmap_loss


def test_flat_maps_lose_one_whatever_the_size() -> None:
    for size, sigma in (((256, 192), 2.0), ((128, 96), 1.5)):
        keypoints = np.full((1, 17, 2), 48.0)
        targets = torch.from_numpy(encode(keypoints, np.ones((1, 17)), size, sigma, unbiased=True).heatmaps)
        loss = heatmap_loss(torch.zeros_like(targets), targets, torch.ones(1, 17), sigma)
        assert loss.item() == pytest.approx(1, abs=1e-3)


def test_unlabelled_keypoints_teach_nothing() -> None:
    maps = torch.ones(1, 2, 4, 4, requires_grad=True)
    heatmap_loss(maps, torch.zeros(1, 2, 4, 4), torch.tensor([[1.0, 0.0]]), 1.0).backward()
    assert maps.grad is not None
    assert maps.grad[0, 0].abs().min() > 0
    assert maps.grad[0, 1].abs().max() == 0

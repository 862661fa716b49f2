import math

import pytest
import torch

from model.networks.person_detector import BINS, DenseOutput, cell_points, decode_boxes
from model.training.detection.losses import (
    dense_losses,
    distribution_focal,
    giou_loss,
    quality_focal,
    score_divergence,
)
from model.training.detection.targets import DenseTargets


@pytest.mark.parametrize(
    ("other", "expected"),
    [((0, 0, 10, 10), 0.0), ((0, 0, 5, 10), 0.5), ((20, 0, 30, 10), 1 + 1 / 3), ((10, 10, 20, 20), 1.5)],
)
def test_giou_by_hand(other: tuple[float, ...], expected: float) -> None:
    loss = giou_loss(torch.tensor([[0.0, 0.0, 10.0, 10.0]]), torch.tensor([other], dtype=torch.float32))
    assert loss.item() == pytest.approx(expected, abs=1e-5)


def test_a_distance_between_two_bins_is_shared_between_them() -> None:
    distances = torch.tensor([0.0, 2.25, 6.5, 9.0]).view(1, 4, 1)
    bins = torch.zeros(1, 4, BINS, 1, requires_grad=True)
    optimizer = torch.optim.Adam([bins], lr=0.5)
    for _ in range(200):
        optimizer.zero_grad()
        distribution_focal(bins, distances).sum().backward()
        optimizer.step()
    shares = bins.softmax(dim=2)[0, ..., 0]
    torch.testing.assert_close(shares @ torch.arange(8.0), torch.tensor([0.0, 2.25, 6.5, 6.99]), atol=0.02, rtol=0)
    assert shares[1, 2:4].sum() > 0.99


def test_scores_that_are_right_cost_nothing() -> None:
    targets = torch.tensor([0.1, 0.5, 0.9])
    torch.testing.assert_close(quality_focal(targets.logit(), targets), torch.zeros(3))
    assert (quality_focal(-targets.logit(), targets)[[0, 2]] > 0.1).all()


def test_divergence_of_scores_by_hand() -> None:
    targets = torch.tensor([0.0, 0.1, 0.5, 1.0])
    torch.testing.assert_close(score_divergence(targets.logit(eps=1e-6), targets), torch.zeros(4), atol=1e-5, rtol=0)
    expected = 0.5 * math.log(0.5 / 0.8) + 0.5 * math.log(0.5 / 0.2)
    found = score_divergence(torch.tensor([0.8]).logit(), torch.tensor([0.5]))
    assert found.item() == pytest.approx(expected, abs=1e-6)


def test_small_errors_against_a_teacher_still_pull() -> None:
    targets = torch.tensor([0.15])
    pulls = []
    for loss in (quality_focal, score_divergence):
        logits = torch.tensor([0.25]).logit().requires_grad_()
        loss(logits, targets).sum().backward()
        assert logits.grad is not None
        pulls.append(logits.grad.item())
    assert pulls[1] == pytest.approx(0.1, abs=1e-4)
    assert pulls[1] > 5 * pulls[0] > 0


def test_only_the_weighted_cells_count() -> None:
    points = cell_points(64, 64, torch.zeros(1))
    cells = len(points)
    generator = torch.Generator().manual_seed(0)
    output = DenseOutput(
        torch.randn(1, cells, generator=generator), torch.randn(1, 4, BINS, cells, generator=generator)
    )
    scores = torch.zeros(1, cells)
    scores[0, 3] = 0.9
    boxes = torch.tensor([2.0, 3.0, 30.0, 40.0]).expand(1, cells, 4)
    weights = torch.ones(1, cells)
    weights[0, 10:] = 0
    before = dense_losses(output, DenseTargets(scores, weights, boxes, None), points)
    changed = DenseOutput(output.logits.clone(), output.bins.clone())
    changed.logits[0, 10:] += 3
    changed.bins[..., 4:] += torch.randn(4, BINS, 1, generator=generator)
    after = dense_losses(changed, DenseTargets(scores, weights, boxes, None), points)
    for name, loss in before.items():
        torch.testing.assert_close(after[name], loss)
    assert before["loss"] == before["score"] + 2 * before["box"] + 0.5 * before["bins"]


def test_what_the_teacher_says_itself_costs_nothing() -> None:
    points = cell_points(64, 64, torch.zeros(1))
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(1, len(points), generator=generator)
    bins = torch.randn(1, 4, BINS, len(points), generator=generator)
    told = DenseTargets(logits.sigmoid(), torch.ones_like(logits), decode_boxes(bins, points), bins)
    losses = dense_losses(DenseOutput(logits, bins), told, points)
    assert losses["loss"].item() == pytest.approx(0, abs=1e-4)

"""What every cell of the detector is asked to say: from labels, or from what a teacher says.

Legend: N pictures, A cells, G labelled people in a picture at most.
"""

from typing import NamedTuple

import torch
from torch import Tensor

SURE = 0.5
"""Labels below are neither people nor background: nothing is asked of the cells in their boxes."""

_CANDIDATES = 10  # cells a person may claim
_OVERLAP_POWER = 6.0  # of the overlap against the score, as in TOOD
_TINY = 1e-9
_FRESH = 0.1  # least target of a person's best cell, so that a fresh network learns at all


class DenseTargets(NamedTuple):
    """What is asked of every cell.

    Attributes:
        scores: (N, A) how sure the cell should be, 0..1.
        weights: (N, A) how much its score counts.
        boxes: (N, A, 4) x1, y1, x2, y2 in pixels; they count as much as `scores` says.
        bins: (N, 4, B, A) logits of a teacher's distributions; None from labels, which have none.
    """

    scores: Tensor
    weights: Tensor
    boxes: Tensor
    bins: Tensor | None


def assign(boxes: Tensor, sure: Tensor, predicted: Tensor, scores: Tensor, points: Tensor) -> DenseTargets:
    """Share labelled people out among the cells that are about to find them (task-aligned learning).

    Each person claims the ten cells inside its box with the highest score x IoU^6; a cell claimed by several goes
    to the one it overlaps most. The target of a person's best cell is that cell's IoU, of the others in
    proportion, all times how sure the label is.

    Source: Feng et al., "TOOD: Task-aligned One-stage Object Detection", ICCV 2021.

    Args:
        boxes: (N, G, 4) labels.
        sure: (N, G) how sure each is, 0 where there is none; of labels below 0.5 nothing is learnt.
        predicted: (N, A, 4) boxes of the network as it is.
        scores: (N, A) its scores, 0..1.
        points: (A, 3) from `cell_points`.
    """
    real = sure >= SURE
    centres = points[:, :2]
    edges = torch.cat([centres - boxes[:, :, None, :2], boxes[:, :, None, 2:] - centres], dim=-1)
    inside = edges.amin(dim=-1) > 0  # (N, G, A)
    overlaps = pairwise_iou(boxes, predicted) * inside
    metric = scores[:, None] * overlaps.pow(_OVERLAP_POWER) * real[..., None]
    best, cells = metric.topk(min(_CANDIDATES, metric.shape[2]), dim=2)
    claimed = torch.zeros_like(metric, dtype=torch.bool).scatter_(2, cells, best > _TINY)
    # A fresh network overlaps hardly anybody: people whom no cell finds claim the cell nearest to their middle.
    lost = real & ~claimed.any(dim=2)
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    reach = (middle[:, :, None] - centres).square().sum(-1) + _stride_misfit(boxes, points)
    nearest = torch.zeros_like(claimed).scatter_(2, reach.argmin(dim=2, keepdim=True), True)
    claimed |= nearest & lost[..., None]
    owner = torch.where(claimed, overlaps + _TINY, torch.zeros_like(overlaps)).argmax(dim=1)  # (N, A)
    mine = claimed.any(dim=1)
    picked = owner[:, None]
    of_cell = metric.gather(1, picked)[:, 0]
    metric_best = (metric * claimed).amax(dim=2).gather(1, owner)
    overlap_best = (overlaps * claimed).amax(dim=2).gather(1, owner)
    share = torch.where(metric_best > _TINY, of_cell / metric_best.clamp(min=_TINY), 1.0)
    wanted = share * overlap_best.clamp(min=_FRESH) * sure.gather(1, owner)
    targets = torch.where(mine, wanted, torch.zeros_like(wanted))
    ignored = (inside & ((sure < SURE) & (boxes[..., 2] > boxes[..., 0]))[..., None]).any(dim=1) & ~mine
    return DenseTargets(targets, (~ignored).float(), boxes.gather(1, owner[..., None].expand(-1, -1, 4)), None)


def _stride_misfit(boxes: Tensor, points: Tensor) -> Tensor:
    """(N, G, A) square pixels: nothing where the box's longer side is about six strides, rising away from that."""
    longer = (boxes[..., 2:] - boxes[..., :2]).amax(dim=-1).clamp(min=1)
    octaves = torch.log2(longer[..., None] / (6 * points[:, 2]))
    return (octaves.abs().clamp(min=0.5) * points[:, 2]).square()


def pairwise_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """(N, G, A) intersection over union of boxes (N, G, 4) with others (N, A, 4)."""
    low = torch.maximum(boxes[:, :, None, :2], others[:, None, :, :2])
    high = torch.minimum(boxes[:, :, None, 2:], others[:, None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    areas = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)
    other_areas = (others[..., 2:] - others[..., :2]).clamp(min=0).prod(dim=-1)
    return shared / (areas[..., None] + other_areas[:, None] - shared).clamp(min=1e-6)

"""The detector's losses on dense targets.

Sources: quality focal and distribution focal loss, Li et al., "Generalized Focal Loss", NeurIPS 2020; GIoU, Rezatofighi
et al., CVPR 2019; distributions learnt from a teacher, Zheng et al., "Localization Distillation", CVPR 2022.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from model.networks.person_detector import BINS, DenseOutput, decode_boxes
from model.training.detection.targets import DenseTargets

BOX_WEIGHT = 2.0
BINS_WEIGHT = 0.5
_LEAST_SCORE = 0.05  # of a cell whose box counts
_EPSILON = 1e-7


def dense_losses(output: DenseOutput, targets: DenseTargets, points: Tensor) -> dict[str, Tensor]:
    """Losses by name, of which "loss" is the weighted sum; all in units of the targets' sum of scores.

    Targets with distributions are a teacher's.

    Args:
        output: The network's.
        targets: What is asked.
        points: (A, 3) from `cell_points`.
    """
    total = targets.scores.sum().clamp(min=1.0)
    score_loss = quality_focal if targets.bins is None else score_divergence
    score = (score_loss(output.logits, targets.scores) * targets.weights).sum() / total
    # Cells of no account have weight 0 rather than being left out: all shapes stay the same, as recorded steps need.
    weights = targets.scores * (targets.scores > _LEAST_SCORE)
    box = (giou_loss(decode_boxes(output.bins, points), targets.boxes) * weights).sum() / total
    if targets.bins is None:
        errors = distribution_focal(output.bins, _distances(targets.boxes, points).transpose(1, 2))
    else:
        errors = _divergence(output.bins, targets.bins)
    distribution = (errors.mean(dim=1) * weights).sum() / total
    loss = score + BOX_WEIGHT * box + BINS_WEIGHT * distribution
    return {"loss": loss, "score": score, "box": box, "bins": distribution}


def quality_focal(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy with soft targets, each times the square of its error."""
    errors = (logits.sigmoid() - targets).square()
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none") * errors


def score_divergence(logits: Tensor, targets: Tensor) -> Tensor:
    """Kullback-Leibler divergence of a teacher's scores from ours.

    Where both are close already, as a teacher's soft scores are, the square of quality focal loss leaves next to no
    gradient.
    """
    entropy = -torch.xlogy(targets, targets) - torch.xlogy(1 - targets, 1 - targets)
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none") - entropy


def giou_loss(boxes: Tensor, targets: Tensor) -> Tensor:
    """1 - GIoU of pairs of boxes (..., 4): 0 where equal, up to 2 where far apart."""
    low, high, target_low, target_high = boxes[..., :2], boxes[..., 2:], targets[..., :2], targets[..., 2:]
    shared = _area(torch.maximum(low, target_low), torch.minimum(high, target_high))
    union = _area(low, high) + _area(target_low, target_high) - shared
    hull = _area(torch.minimum(low, target_low), torch.maximum(high, target_high))
    return 1 - shared / (union + _EPSILON) + (hull - union) / (hull + _EPSILON)


def _area(low: Tensor, high: Tensor) -> Tensor:
    # Two factors by hand: the gradient of a product over a dimension asks whether it has zeros, which makes a GPU wait.
    width, height = (high - low).clamp(min=0).unbind(dim=-1)
    return width * height


def distribution_focal(bins: Tensor, distances: Tensor) -> Tensor:
    """(N, 4, A) cross-entropy of distributions (N, 4, B, A) with the bins next to distances (N, 4, A), in strides."""
    clipped = distances.clamp(0, BINS - 1 - 0.01)
    lower = clipped.floor().long()
    above = clipped - lower
    logs = bins.log_softmax(dim=2)
    of_lower, of_upper = (logs.gather(2, index[:, :, None])[:, :, 0] for index in (lower, lower + 1))
    return -(of_lower * (1 - above) + of_upper * above)


def _divergence(bins: Tensor, taught: Tensor) -> Tensor:
    """(N, 4, A) Kullback-Leibler divergence of a teacher's distributions (N, 4, B, A) from ours."""
    return F.kl_div(bins.log_softmax(2), taught.log_softmax(2), reduction="none", log_target=True).sum(2)


def _distances(boxes: Tensor, points: Tensor) -> Tensor:
    """(..., 4) distances in strides from points (..., 3) to the edges of boxes (..., 4)."""
    centres, strides = points[..., :2], points[..., 2:]
    return torch.cat([centres - boxes[..., :2], boxes[..., 2:] - centres], dim=-1) / strides

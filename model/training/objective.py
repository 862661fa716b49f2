"""One training step's losses, from uint8 crops to a number to descend on."""

from collections.abc import Sequence
from functools import cache
from typing import cast

import torch
from torch import Tensor, nn

from model.checkpoints import load_checkpoint
from model.engines.preprocessing import fold_batch_norms
from model.engines.torch_engine import has_bfloat16
from model.networks import build_network
from model.networks.pose_network import PoseNetwork
from model.normalisation import MEAN, STD
from model.training import distillation
from model.training.batches import Batch, phase_sigma
from model.training.config import Phase, Teacher
from model.training.distillation import Adapters, Features, modules_per_stage
from model.training.losses import heatmap_loss


def normalise(crops: Tensor) -> Tensor:
    """(N, H, W, 3) uint8 RGB to (N, 3, H, W) float32; the permutation leaves the channels last in memory."""
    mean, std = _statistics(crops.device)
    return ((crops - mean) / std).permute(0, 3, 1, 2)


@cache
def _statistics(device: torch.device) -> tuple[Tensor, Tensor]:
    return torch.tensor(MEAN, device=device), torch.tensor(STD, device=device)


def load_teacher(settings: Teacher, keypoints: int) -> PoseNetwork:
    """The trained network to learn from, frozen, its batch norms folded into its convolutions.

    Raises:
        CheckpointError: Its weights are absent or belong to another network.
    """
    network = cast(PoseNetwork, build_network(settings.network, keypoints))
    load_checkpoint(network, settings.weights)
    network.eval().requires_grad_(False)
    fold_batch_norms(network)
    return network


class Objective(nn.Module):
    """The losses of a phase. Wrap this in DistributedDataParallel: its forward pass is the whole step.

    Args:
        network: What is trained.
        phase: The weight of each loss.
        teacher: What to learn from; None with labels alone.
    """

    def __init__(self, network: PoseNetwork, phase: Phase, teacher: PoseNetwork | None) -> None:
        super().__init__()
        self.network = network
        self._sigma = phase_sigma(phase)
        self._settings = phase.teacher
        # Plain tuples: the teacher is not to be trained, and the segments' parameters are the network's own.
        self._taught: Sequence[nn.Module] = ()
        self._segments: Sequence[nn.Module] = ()
        self._ends_in_heatmaps = True
        self.adapters: Adapters | None = None
        if teacher is not None and self._settings is not None:
            cuts = distillation.common_cuts(network, teacher)
            first = self._settings.segments
            self._segments = tuple(distillation.cut(network, cuts)[:first])
            self._taught = tuple(distillation.cut(teacher, cuts)[:first])
            self._ends_in_heatmaps = len(self._segments) == sum(cuts) + 2
            compares = self._settings.features > 0 or self._settings.fed or not self._ends_in_heatmaps
            if compares and modules_per_stage(network) != modules_per_stage(teacher):
                self.adapters = Adapters(network, teacher)

    @torch.no_grad()
    def fit_adapters(self, crops: Tensor) -> None:
        """Start the adapters from what networks of other depths answer to some crops, (N, H, W, 3) uint8 RGB.

        Without that they would have to be learnt first, from errors that pull at the network meanwhile.
        """
        if self.adapters is None:
            return
        training = self.network.training
        self.network.eval()
        images = normalise(crops)
        taught = self._teach(images)
        self.adapters.fit(self._run(images, taught), taught)
        self.network.train(training)

    def forward(self, crops: Tensor, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Losses by name, of which "loss" is their weighted sum."""
        batch = Batch(crops, targets, weights)
        images = normalise(crops)
        if self._settings is None:
            labels = heatmap_loss(self.network(images).float(), batch.targets, batch.weights, self._sigma)
            return {"loss": labels, "labels": labels}
        taught = self._teach(images)
        ours = self._run(images, taught)
        if not self._ends_in_heatmaps:
            errors = self._feature_errors(ours, taught)
            return {"loss": errors.sum()} | _by_segment(errors)
        return self._whole(ours, taught, batch, self._settings)

    def _run(self, images: Tensor, taught: list[Features]) -> list[Features]:
        if self._settings is not None and self._settings.fed:
            return distillation.run_fed(self._segments, images, taught)
        return distillation.run_segments(self._segments, images)

    def _teach(self, images: Tensor) -> list[Features]:
        # On the CPU, bf16 makes the teacher's pass half as long again as fast; its maps move by less than their noise.
        device = images.device.type
        with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=has_bfloat16(device)):
            taught = distillation.run_segments(self._taught, images)
        return [[branch.float() for branch in branches] for branches in taught]

    def _whole(
        self, ours: list[Features], taught: list[Features], batch: Batch, settings: Teacher
    ) -> dict[str, Tensor]:
        heatmaps = ours[-1][0].float()
        teacher = self._heatmap_error(heatmaps, taught[-1][0])
        if settings.fed:
            errors = self._feature_errors(ours[:-1], taught[:-1])
            return {"loss": errors.sum() + teacher, "teacher": teacher} | _by_segment(errors)
        labels = heatmap_loss(heatmaps, batch.targets, batch.weights, self._sigma)
        losses = {"labels": labels, "teacher": teacher}
        total = (1 - settings.heatmaps) * labels + settings.heatmaps * teacher
        if settings.features > 0:
            errors = self._feature_errors(ours[:-1], taught[:-1])
            losses |= _by_segment(errors)
            total = total + settings.features * errors.mean()
        return {"loss": total} | losses

    def _feature_errors(self, ours: list[Features], taught: list[Features]) -> Tensor:
        if self.adapters is not None:
            ours, taught = self.adapters(ours, taught)
        return distillation.feature_errors(ours, taught)

    def _heatmap_error(self, heatmaps: Tensor, taught: Tensor) -> Tensor:
        return heatmap_loss(heatmaps.float(), taught, torch.ones_like(taught[..., 0, 0]), self._sigma)


def _by_segment(errors: Tensor) -> dict[str, Tensor]:
    return {f"features_{k}": error for k, error in enumerate(errors.detach())}

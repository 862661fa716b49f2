"""One training step's losses of the person detector, from uint8 pictures to a number to descend on."""

import torch
from torch import Tensor, nn

from model.networks.person_detector import (
    STRIDES,
    TRUNK_CHANNELS,
    WIDTH,
    DenseOutput,
    PersonDetector,
    cell_points,
    decode_boxes,
)
from model.training.detection.config import DetectorTeacher
from model.training.detection.losses import dense_losses
from model.training.detection.targets import DenseTargets, assign
from model.training.detection.teacher import PicoDetTeacher, Taught
from model.training.distillation import feature_errors
from model.training.least_squares import linear_fit, rows, set_linear
from model.training.objective import normalise


class DetectionObjective(nn.Module):
    """The losses of a phase; its forward pass is the whole step.

    Source of the maps' adapters: Romero et al., "FitNets", ICLR 2015.

    Args:
        network: What is trained.
        settings: The weight of each way to learn from the teacher; None with labels alone.
        device: Where the teacher runs.
    """

    def __init__(self, network: PersonDetector, settings: DetectorTeacher | None, device: torch.device) -> None:
        super().__init__()
        self.network = network
        self._settings = settings
        self._teacher = None if settings is None else PicoDetTeacher(settings.graph, device)
        # Between our maps and the teacher's, as in FitNets: ours end in another activation and need say the same only
        # up to a linear change. They are trained along and thrown away.
        learns_maps = settings is not None and settings.features > 0
        channels = [*TRUNK_CHANNELS, *[WIDTH] * len(STRIDES)] if learns_maps else []
        self.adapters = nn.ModuleList(nn.Conv2d(count, count, 1) for count in channels)

    @torch.no_grad()
    def fit_adapters(self, pictures: Tensor) -> None:
        """Start the adapters from the least-squares maps between both networks' features of (N, H, W, 3) uint8 RGB.

        A network that has learnt already would be pulled about by adapters that start anywhere.
        """
        assert self._teacher is not None
        training = self.network.training
        self.network.eval()
        ours = self.network.features(normalise(pictures))
        taught = self._teacher(pictures).features
        for adapter, mine, theirs in zip(self.adapters, (*ours.trunk, *ours.neck), taught, strict=True):
            # On the CPU, in double precision, which not every GPU has.
            set_linear(adapter, *linear_fit(rows(mine).cpu(), rows(theirs).cpu()))
        self.network.train(training)

    def forward(self, pictures: Tensor, boxes: Tensor, sure: Tensor) -> dict[str, Tensor]:
        """Losses by name, of which "loss" is their weighted sum.

        Args:
            pictures: (N, H, W, 3) uint8 RGB.
            boxes: (N, G, 4) labels in pixels.
            sure: (N, G), 0 where there is no label.
        """
        features = self.network.features(normalise(pictures))
        output = self.network.dense(features)
        output = DenseOutput(output.logits.float(), output.bins.float())
        points = cell_points(pictures.shape[1], pictures.shape[2], pictures)
        taught = None if self._teacher is None else self._teacher(pictures)
        answers = 0.0 if self._settings is None else self._settings.answers
        losses: dict[str, Tensor] = {}
        total = torch.zeros((), device=pictures.device)
        if answers < 1:
            labels = self._from_labels(output, boxes, sure, points)
            total = total + (1 - answers) * labels.pop("loss")
            losses |= {f"labels_{name}": loss for name, loss in labels.items()}
        if taught is not None and self._settings is not None:
            if answers > 0:
                answered = dense_losses(output, told(taught, boxes), points)
                total = total + answers * answered.pop("loss")
                losses |= {f"teacher_{name}": loss for name, loss in answered.items()}
            if self._settings.features > 0:
                maps = zip(self.adapters, (*features.trunk, *features.neck), strict=True)
                ours = [[adapter(each).float()] for adapter, each in maps]
                errors = feature_errors(ours, [[each] for each in taught.features])
                total = total + self._settings.features * errors.mean()
                losses |= {f"features_{k}": error for k, error in enumerate(errors.detach())}
        return {"loss": total} | losses

    def _from_labels(self, output: DenseOutput, boxes: Tensor, sure: Tensor, points: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            predicted = decode_boxes(output.bins, points)
            targets = assign(boxes, sure, predicted, output.logits.sigmoid(), points)
        return dense_losses(output, targets, points)


def told(taught: Taught, boxes: Tensor) -> DenseTargets:
    """What a teacher says as targets: nobody in pictures without a single label (N, G, 4), whatever it says there.

    Shown a bare tone, PicoDet is sure of a person who fills the frame.
    """
    labelled = (boxes[..., 2] > boxes[..., 0]).any(dim=1)
    scores = taught.scores * labelled[:, None]
    return DenseTargets(scores, torch.ones_like(scores), taught.boxes, taught.bins)

"""Training a pose network on labelled people's crops."""

from collections.abc import Iterable
from typing import cast

import torch
from torch import nn

from model.networks import build_network
from model.networks.pose_network import PoseNetwork
from model.training import coco, mpii
from model.training.batches import Batch, LabelledSet, batches
from model.training.config import TrainingConfig
from model.training.decoding import decoded
from model.training.distillation import common_cuts
from model.training.mpii_files import is_mpii
from model.training.objective import Objective, load_teacher
from model.training.progress import Report
from model.training.runfolder import RunFolder
from model.training.scalars import Scalars
from model.training.task import StepBatch
from model.training.validator import Validator

_ADAPTED_ON = 128  # crops: the smallest branch of 256x192 has 48 places in each, for up to 320 unknowns


class PoseTask:
    """See `Task`.

    Args:
        config: The run.
        folder: Where metrics, pictures and weights go.
        device: Where the network is measured.

    Raises:
        DatasetError: The validation set is absent or malformed.
    """

    def __init__(self, config: TrainingConfig, folder: RunFolder, device: str) -> None:
        self._config = config
        self._validator = Validator(config, folder, device)
        self._sets: list[LabelledSet] = []

    def build(self) -> nn.Module:
        return build_network(
            self._config.network,
            self._config.keypoints,
            cross_resolution_weights=self._config.cross_resolution_weights,
            spatial_weights=self._config.spatial_weights,
        )

    def check(self, phase: int) -> None:
        settings = self._config.phases[phase].teacher
        if settings is not None:
            common_cuts(cast(PoseNetwork, self.build()), load_teacher(settings, self._config.keypoints))

    def open_sets(self, report: Report) -> None:
        for each in self._config.sets:
            reader = mpii if is_mpii(each.annotations) else coco
            people = reader.read_people(each.annotations, each.images, self._config.keypoints)
            pictures = decoded(self._config, each, people.pictures, people.picture_sizes, report)
            self._sets.append(LabelledSet(people, pictures, each.weight))

    def objective(self, network: nn.Module, phase: int, device: torch.device, begins: bool) -> tuple[nn.Module, bool]:
        settings = self._config.phases[phase]
        teacher, partly = None, False
        if settings.teacher is not None:
            teacher = load_teacher(settings.teacher, self._config.keypoints)
            teacher.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            partly = settings.teacher.segments is not None
        objective = Objective(cast(PoseNetwork, network), settings, teacher).to(device)
        if objective.adapters is not None and begins:
            # The same crops in every process.
            loader = batches(self._sets, settings, 0, _ADAPTED_ON, seed=self._config.seed, workers=0)
            objective.fit_adapters(torch.cat([cast(Batch, batch).crops for batch in loader]).to(device))
        return objective, partly

    def batches(
        self, phase: int, first: int, last: int, rank: int, processes: int, pinned: bool
    ) -> Iterable[StepBatch]:
        config = self._config
        loader = batches(
            self._sets, config.phases[phase], first, last, seed=config.seed, workers=config.workers,
            pinned=pinned, rank=rank, processes=processes,
        )  # fmt: skip
        return cast(Iterable[StepBatch], loader)

    def batches_as_in_use(self, phase: int, first: int, last: int) -> Iterable[StepBatch]:
        return self.batches(phase, first, last, rank=0, processes=1, pinned=False)

    def validate(self, network: nn.Module, phase: int, images: int, scalars: Scalars) -> dict[str, float]:
        return self._validator.run(network, phase, images, self._sets, scalars)

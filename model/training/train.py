"""Training from a configuration: phases, averaging, validation, saving, resuming."""

import copy
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from model.engines.torch_engine import best_device, has_bfloat16, require_device
from model.errors import ConfigError
from model.interruption import without_interruption
from model.training import processes
from model.training.config import RunConfig, Stretch, TrainingConfig
from model.training.detection.config import DetectorTrainingConfig
from model.training.ema import WeightAverage
from model.training.graphed_step import GraphedStep, Step
from model.training.growth import start_from
from model.training.memory import within_memory
from model.training.objective import normalise
from model.training.pose_task import PoseTask
from model.training.progress import Pace, Report
from model.training.runfolder import RunFolder
from model.training.scalars import Scalars
from model.training.schedule import learning_rate
from model.training.statistics import take_statistics
from model.training.task import Task

_SCALARS_EVERY = 20  # steps
_GROWN_FROM = 256  # crops: a minute of one core and some 4 GB at 256x192


class Trainer:
    """One process's part in a training run.

    Args:
        config: The run.
        report: Told of progress.

    Raises:
        UserError: Data, weights, device or folder that cannot be used.
    """

    def __init__(self, config: RunConfig, report: Report) -> None:
        self._config, self._report = config, report
        if config.threads is not None:
            torch.set_num_threads(config.threads)
        self._device = torch.device(processes.device(_device_of(config)))
        self._folder = RunFolder(config)
        state = self._folder.load_state(config)
        self._task = task_of(config, self._folder, self._device.type)
        for phase in range(0 if state is None else state["phase"], len(config.stretches)):
            self._task.check(phase)
        self._task.open_sets(report)
        torch.manual_seed(config.seed)
        network = self._task.build()
        if config.init_from is not None and state is None:
            start_from(network, config.init_from, self._some_crops)
        network.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._network = network
        self._average = WeightAverage(self._network, config.ema)
        self._phase, self._images, self._seconds = 0, 0, 0.0  # seconds: of the phase, in slices before this one
        self._validated = 0  # images, at the last validation
        self._training: dict[str, Any] | None = None  # of the optimizer and the scaler, within a phase
        self._beside: dict[str, Tensor] = {}
        self._taught_by: tuple[str, ...] = ()  # the teacher that it is for
        if state is not None:
            self._restore(state)
        if processes.is_first():
            self._folder.create()

    def run(self, max_minutes: float | None = None) -> bool:
        """Train until the end or for so many minutes; afterwards all is saved.

        Returns:
            Whether the run has reached its end.
        """
        deadline = math.inf if max_minutes is None else time.monotonic() + 60 * max_minutes
        alone = self._alone() if processes.is_first() else nullcontext()
        with alone, Scalars(self._folder.path) as scalars:
            while self._phase < len(self._config.stretches):
                if not self._take_steps(scalars, deadline):
                    return False
                self._finish_phase(scalars)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from training this run, and see that nobody has since its state was read."""
        with self._folder.alone():
            state = self._folder.load_state(self._config)
            found = (0, 0) if state is None else (state["phase"], state["images"])
            if found != (self._phase, self._images):
                raise ConfigError(f"{self._folder.path} was trained by another process meanwhile; start this again")
            self._folder.describe(self._config)
            yield

    def _some_crops(self) -> Tensor:
        loader = self._task.batches(0, 0, _GROWN_FROM, rank=0, processes=1, pinned=False)
        return normalise(torch.cat([next(iter(batch)) for batch in loader]))

    def _take_steps(self, scalars: Scalars, deadline: float) -> bool:
        """Train until the phase's steps are done or the deadline has passed; returns whether they are done."""
        config, phase = self._config, self._config.stretches[self._phase]
        clock = _Clock(phase, self._seconds)
        begin = self._begin()
        end = begin + phase.images
        stride = phase.batch_size * processes.count()
        if self._taught_by != phase.taught_by:
            self._beside = {}  # adapters to one teacher are no start for those to another
            self._taught_by = phase.taught_by
        objective, partly = self._task.objective(self._network, self._phase, self._device, begins=not self._beside)
        objective.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self._beside.keys() == _beside(objective).keys():
            objective.load_state_dict(self._beside, strict=False)  # what it trains beside the network goes on
        whole = objective
        if processes.count() > 1:
            # The first process's batch-norm statistics are the ones kept; sending them at every step brings nothing.
            objective = DistributedDataParallel(objective, forward_sync_buffers=False, find_unused_parameters=partly)
        optimizer = self._optimizer(phase, objective)
        scaler = torch.amp.GradScaler(enabled=self._half_precision() == torch.float16)
        if self._training is not None:
            self._load(optimizer, self._training["optimizer"])
            if self._training["scaler"]:  # empty from where none was needed: the run may be on another device now
                scaler.load_state_dict(self._training["scaler"])
        else:
            self._average.updates = 0
        take_step = self._step(objective, optimizer, scaler)
        complete = True  # and not in the middle of a step, from which nothing could go on
        pace, saved, losses = Pace(self._images), time.monotonic(), {"loss": torch.zeros(())}
        steps = math.ceil(phase.images / stride)
        self._network.train()
        if phase.frozen_statistics:
            _freeze_statistics(self._network)

        def save() -> None:
            self._seconds = clock.seconds()
            self._training = {"optimizer": optimizer.state_dict(), "scaler": scaler.state_dict()}
            self._beside = _beside(whole)
            self._save()

        try:
            loader = self._task.batches(
                self._phase, self._images, end, processes.rank(), processes.count(), self._device.type == "cuda"
            )
            for batch in loader:
                step = (self._images - begin) // stride
                share = processes.largest(clock.share(step / steps)) if phase.minutes else step / steps
                if share >= 1:
                    break  # resumed after its end
                rate = learning_rate(phase, step, share)
                for group in optimizer.param_groups:
                    _set_rate(group, rate)
                complete = False
                with without_interruption(), within_memory():
                    losses = take_step(*batch)
                    self._average.update(self._network)
                    self._images = min(self._images + stride, end)
                    complete = True
                over = bool(phase.minutes) and processes.any_of(clock.share(0) >= 1)
                if processes.is_first():
                    if step % _SCALARS_EVERY == 0:
                        scalars.add({f"train/{k}": float(v) for k, v in losses.items()}, self._images)
                        scalars.add({"train/learning_rate": rate}, self._images)
                    told = pace.progress(self._images, self._total(), self._phase, losses, clock.seconds_left())
                    self._report.on_step(told)
                    crossed = self._images // config.validate_every > self._validated // config.validate_every
                    if crossed and not over and self._images < end:
                        self._validate(scalars)
                        self._validated = self._images
                    if time.monotonic() - saved > 60 * config.save_every_minutes:
                        save()
                        saved = time.monotonic()
                if over or processes.any_of(time.monotonic() > deadline):
                    break
        finally:
            # Also after Ctrl-C or an error in a step: whatever is complete is kept.
            if processes.is_first() and complete:
                save()
        return self._images >= end or processes.any_of(clock.share(0) >= 1)

    def _finish_phase(self, scalars: Scalars) -> None:
        """Validate what a phase has made, and go on to the next one; interrupted, a resumed run does it again.

        Batch norm's statistics are taken first, where the phase asks for it, from its draws on.
        """
        if processes.is_first():
            images = self._config.stretches[self._phase].statistics_from
            if images:
                # Of a copy: half of the statistics, after Ctrl-C, would be worse than none.
                network = copy.deepcopy(self._average.network)
                take_statistics(network, self._task, self._phase, self._begin(), images)
                self._average.network = network
            self._validate(scalars)
        self._phase, self._seconds, self._training = self._phase + 1, 0.0, None
        self._validated = self._images
        if processes.is_first():
            self._save()

    def _step(self, objective: nn.Module, optimizer: torch.optim.Optimizer, scaler: torch.amp.GradScaler) -> Step:
        """What takes a step on the tensors of a batch, and gives the losses."""
        half = self._half_precision()

        def step(*batch: Tensor) -> dict[str, Tensor]:
            with torch.autocast(self._device.type, half, enabled=half is not None):
                losses: dict[str, Tensor] = objective(*(each.to(self._device, non_blocking=True) for each in batch))
            scaler.scale(losses["loss"]).backward()  # type: ignore[no-untyped-call]
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)
            return {name: loss.detach() for name, loss in losses.items()}

        return GraphedStep(step) if self._records() else step

    def _records(self) -> bool:
        """Whether steps are recorded: on one GPU, and not with float16, whose scale the CPU looks after."""
        return self._half_precision() == torch.bfloat16 and processes.count() == 1

    def _half_precision(self) -> torch.dtype | None:
        """What mixed precision computes in: on CUDA alone, since bf16 convolutions were slower in training on CPUs."""
        if self._device.type != "cuda":
            return None
        return torch.bfloat16 if has_bfloat16("cuda") else torch.float16

    def _optimizer(self, phase: Stretch, objective: nn.Module) -> torch.optim.Optimizer:
        # An objective may train something beside the network, which has it as a part.
        parameters = list(objective.parameters())
        matrices = [parameter for parameter in parameters if parameter.ndim > 1]
        vectors = [parameter for parameter in parameters if parameter.ndim == 1]
        records = self._records()
        groups = [
            {"params": matrices, "weight_decay": phase.weight_decay, "rate_factor": 1.0},
            {"params": vectors, "weight_decay": 0.0, "rate_factor": phase.vector_rate},
        ]
        for group in groups:  # a recorded step reads its rate from the GPU's memory
            group["lr"] = torch.zeros((), device=self._device) if records else 0.0
        return torch.optim.AdamW(groups, capturable=records, fused=self._device.type in ("cpu", "cuda"))

    @staticmethod
    def _load(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
        """Go on with the averages of an optimizer's state; how it runs on this device stays as it is."""
        own = [{name: group[name] for name in ("lr", "capturable", "fused")} for group in optimizer.param_groups]
        optimizer.load_state_dict(state)
        for group, settings in zip(optimizer.param_groups, own, strict=True):
            group.update(settings)

    def _begin(self) -> int:
        """The number of the present phase's first draw."""
        return sum(earlier.images for earlier in self._config.stretches[: self._phase])

    def _total(self) -> int:
        return sum(phase.images for phase in self._config.stretches)

    def _require_finite(self) -> None:
        """Refuse to keep what can lead nowhere; what was saved before stays.

        Raises:
            ConfigError: The weights have left the range of numbers.
        """
        tensors = (tensor for tensor in self._network.state_dict().values() if tensor.is_floating_point())
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors):
            raise ConfigError(
                f"the run {self._config.name} has diverged: after {self._images} images its weights are not finite; "
                "lower learning_rate, and give the run another name or delete its folder"
            )

    def _validate(self, scalars: Scalars) -> None:
        self._require_finite()
        metrics = self._task.validate(self._average.network, self._phase, self._images, scalars)
        if metrics:
            self._report.on_metrics(metrics)

    def _save(self) -> None:
        self._require_finite()
        state = {
            "config": self._config.model_dump(mode="json"),
            "phase": self._phase,
            "images": self._images,
            "seconds": self._seconds,
            "validated": self._validated,
            "network": self._network.state_dict(),
            "average": self._average.network.state_dict(),
            "average_updates": self._average.updates,
            "beside": self._beside,
            "taught_by": self._taught_by,
            "training": self._training,
        }
        self._folder.save_state(state)

    def _restore(self, state: dict[str, Any]) -> None:
        self._phase, self._images, self._seconds = state["phase"], state["images"], state["seconds"]
        self._network.load_state_dict(state["network"])
        self._average.network.load_state_dict(state["average"])
        self._average.updates = state["average_updates"]
        self._validated = state.get("validated", self._images)
        self._beside, self._taught_by = state["beside"], tuple(state.get("taught_by", ()))
        self._training = state["training"]


def _freeze_statistics(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _set_rate(group: dict[str, Any], rate: float) -> None:
    """Give a group of parameters its share of the learning rate, in place where a recorded step reads it."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate * group["rate_factor"])
    else:
        group["lr"] = rate * group["rate_factor"]


class _Clock:
    """How long a phase has gone on, in this slice and in those before it."""

    def __init__(self, phase: Stretch, seconds: float) -> None:
        self._limit = math.inf if phase.minutes is None else 60 * phase.minutes
        self._started = time.monotonic() - seconds

    def seconds(self) -> float:
        return time.monotonic() - self._started

    def seconds_left(self) -> float:
        return self._limit - self.seconds()

    def share(self, of_images: float) -> float:
        """Which share of the phase is over, by its images or by the clock, whichever is more."""
        return min(1.0, max(of_images, self.seconds() / self._limit))


def _beside(objective: nn.Module) -> dict[str, Tensor]:
    """What an objective has of its own, beside the network that is its part of that name."""
    return {name: tensor for name, tensor in objective.state_dict().items() if not name.startswith("network.")}


def task_of(config: RunConfig, folder: RunFolder, device: str) -> Task:
    """What a configuration trains.

    Raises:
        DatasetError: The validation set is absent or malformed.
    """
    if isinstance(config, DetectorTrainingConfig):
        from model.training.detection.task import DetectionTask

        return DetectionTask(config, folder, device)
    assert isinstance(config, TrainingConfig)
    return PoseTask(config, folder, device)


def _device_of(config: RunConfig) -> str:
    """The kind of device that a run is to be on.

    Raises:
        EngineError: PyTorch cannot use it.
    """
    device = best_device() if config.device == "auto" else config.device
    require_device(device)
    return device


def train(config: RunConfig, report: Report, max_minutes: float | None = None) -> Path:
    """Train, or go on with, the run that a configuration describes.

    Returns:
        The run's folder.

    Raises:
        UserError: Something in the configuration, the data or the folder cannot be used.
    """
    with processes.joined(_device_of(config)):
        Trainer(config, report).run(max_minutes)
    return config.runs / config.name

"""Networks for the live view: which files they lack, and how they are built."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from app.live.news import EngineInfo
from app.results import Frame, FrameResult
from app.settings import Settings
from app.stand_ins import with_built_in
from model.engines.graph import is_ready
from model.engines.hardware import may_have_gpu
from model.errors import UserError
from model.zoo import WeightSet, is_available, resolve


class LivePipeline(Protocol):
    """What the inference thread needs of a PosePipeline."""

    def process(self, frame: Frame) -> FrameResult: ...

    def apply(self, settings: Settings) -> object: ...

    def number_by(self, ids: Iterator[int]) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Built:
    """A pipeline and what it runs on."""

    pipeline: LivePipeline
    info: EngineInfo


class MissingWeightsError(Exception):
    """Weights have to be fetched first."""

    def __init__(self, weight_sets: tuple[WeightSet, ...]) -> None:
        super().__init__(", ".join(weight_set.name for weight_set in weight_sets))
        self.weight_sets = weight_sets


Build = Callable[[Settings], Built]
Meanwhile = Callable[[Settings], Settings | None]
"""Settings that load in a moment, to run with until those that were asked for have; None where that is needless."""


def missing_weights(settings: Settings) -> tuple[WeightSet, ...]:
    """Weight sets that the settings name and this machine lacks.

    Raises:
        UserError: A name stands for nothing.
    """
    from app.detectors import detector_weights

    needed = (resolve(settings.pose.model), detector_weights(settings.detection.detector))
    return tuple(weight_set for weight_set in needed if weight_set is not None and not is_available(weight_set))


def meanwhile(settings: Settings) -> Settings | None:
    """What loads in a moment where the settings do not.

    The weights that come along, in the place of those that have to be fetched first; and PyTorch, where ONNX Runtime
    was chosen by itself and has to prepare its graph first, which takes many seconds.
    """
    try:
        quick = with_built_in(settings, missing_weights(settings))
        if not _starts_at_once(quick):
            quick = quick.model_copy(update={"pose": quick.pose.model_copy(update={"engine": "torch"})})
    except UserError:
        return None  # the build tells
    return None if quick == settings else quick


def _starts_at_once(settings: Settings) -> bool:
    pose = settings.pose
    prepares = pose.engine == "auto" and (pose.device == "cpu" or (pose.device == "auto" and not may_have_gpu()))
    return not prepares or is_ready(resolve(pose.model))


def build(settings: Settings) -> Built:
    """Load networks on the calling thread, which is then the one that uses them.

    Raises:
        MissingWeightsError: Weights are not on this machine.
        UserError: A name stands for nothing, or this machine does not offer an engine or a device.
    """
    missing = missing_weights(settings)
    if missing:
        raise MissingWeightsError(missing)
    from app.pipeline import build_pipeline

    pipeline = build_pipeline(settings)
    engine, detector = pipeline.estimator.engine, pipeline.detector
    info = EngineInfo(
        model=resolve(settings.pose.model).name,
        engine=engine.name,
        device=engine.device,
        detector=detector.name,
        detector_engine=f"{detector.engine}, {detector.device}",
        skeleton=pipeline.estimator.skeleton,
    )
    return Built(pipeline, info)

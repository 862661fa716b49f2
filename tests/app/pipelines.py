"""Pipelines that see a world of stick figures."""

from collections.abc import Callable

from app.pipeline import PosePipeline
from app.results import FrameResult
from app.settings import DetectionSettings, Settings
from tests.app.people import Detector, Estimator, World


def settings(**detection: float) -> Settings:
    return Settings(detection=DetectionSettings.model_validate(detection))


def pipeline(
    world: World, chosen: Settings | None = None, score: Callable[[int, float], float] = lambda number, time_s: 0.9
) -> PosePipeline:
    return PosePipeline(Detector(world, score), Estimator(world), chosen or Settings())


def process(built: PosePipeline, world: World, begin: int, end: int) -> list[FrameResult]:
    return [built.process(world.frame(index)) for index in range(begin, end)]


def ids(results: list[FrameResult]) -> list[list[int]]:
    return [[person.track_id for person in result.persons] for result in results]


def calls(built: PosePipeline) -> int:
    assert isinstance(built.detector, Detector)
    return built.detector.calls

"""The pipeline with published networks on real clips."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.detectors import detector_weights
from app.errors import DetectorError
from app.pipeline import PosePipeline, build_pipeline
from app.results import Detection, Frame, FrameResult
from app.settings import DetectionSettings, PoseSettings, Settings
from app.sources import open_source
from model.arrays import UInt8Array
from model.errors import WeightsError
from model.zoo import ensure, resolve

CHOSEN = Settings(
    pose=PoseSettings(model="tinypose-128x96", engine="torch-eager", device="cpu"),
    detection=DetectionSettings(detector="picodet-320"),
)


class Clips:
    """One pipeline for all clips, as building takes longer than running."""

    def __init__(self, folder: Path, pipeline: PosePipeline) -> None:
        self.folder = folder
        self.pipeline = pipeline
        self.detector_runs = 0
        self._detect = pipeline.detector.detect
        pipeline.detector.detect = self._counted  # type: ignore[method-assign]

    def _counted(self, image: UInt8Array) -> list[Detection]:
        self.detector_runs += 1
        return self._detect(image)

    def run(self, name: str, begin: int = 0, end: int | None = None) -> list[FrameResult]:
        self.pipeline.reset()
        self.detector_runs = 0
        with open_source(self.folder / name) as source:
            return [self.pipeline.process(frame) for frame in _part(source, begin, end)]


def _part(frames: Iterator[Frame], begin: int, end: int | None) -> Iterator[Frame]:
    for frame in frames:
        if end is not None and frame.index >= end:
            return
        if frame.index >= begin:
            yield frame


@pytest.fixture(scope="module")
def clips(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clips]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path_factory.mktemp("weights")))
        patch.setenv("LITE_HRNET_LIVE_MIRROR", str(shared_dir / "weights"))
        for weights in (resolve(CHOSEN.pose.model), detector_weights(CHOSEN.detection.detector)):
            if weights is not None:
                ensure(weights, lambda *_: None)
        pipeline = build_pipeline(CHOSEN)
        yield Clips(shared_dir / "data" / "clips", pipeline)
        pipeline.close()


@pytest.mark.shared_data
def test_four_who_sit_keep_their_ids_and_the_detector_rests(clips: Clips) -> None:
    results = clips.run("classroom.gif", end=30)
    shown = [[person.track_id for person in result.persons] for result in results]
    assert len(shown[0]) == 4
    assert all(ids == shown[0] for ids in shown)
    assert clips.detector_runs == 30 / CHOSEN.detection.every_n
    boxes = np.array([[person.box for person in result.persons] for result in results])
    heights = boxes[0, :, 3] - boxes[0, :, 1]
    assert (np.abs(np.diff(boxes, axis=0)).max(axis=(0, 2)) < 0.15 * heights).all(), "boxes do not tremble"


@pytest.mark.shared_data
def test_who_leaves_is_gone_and_an_empty_room_stays_empty(clips: Clips) -> None:
    results = clips.run("people-detection.gif")
    assert [len(result.persons) for result in results[:8]] == [1] * 8
    assert len({person.track_id for result in results for person in result.persons}) == 1
    assert not any(result.persons for result in results[-8:])


@pytest.mark.shared_data
def test_built_in_weights_follow_somebody_before_a_dark_door(shared_dir: Path) -> None:
    built_in = Settings(
        pose=PoseSettings(model="lite-hrnet-18-256x192", device="cpu"),
        detection=DetectionSettings(detector="person-416"),
    )
    pipeline = build_pipeline(built_in)
    with open_source(shared_dir / "data" / "clips" / "people-detection.gif") as source:
        results = [pipeline.process(frame) for frame in source]
    pipeline.close()
    shown = [person.track_id for result in results[:12] for person in result.persons]
    assert set(shown) == {1}
    assert len(shown) >= 11
    assert not any(result.persons for result in results[-8:])


@pytest.mark.shared_data
def test_who_walks_in_keeps_one_id_to_the_end(clips: Clips) -> None:
    results = clips.run("one-by-one-person-detection.mp4", begin=50, end=110)
    shown = [[person.track_id for person in result.persons] for result in results]
    assert shown[:8] == [[]] * 8
    assert any(shown[:15])
    assert len({track_id for ids in shown for track_id in ids}) == 1
    assert all(ids for ids in shown[20:])


@pytest.mark.shared_data
def test_a_signer_is_followed_through_fast_hands(clips: Clips) -> None:
    results = clips.run("asl/book.mkv", end=60)
    assert len({person.track_id for result in results for person in result.persons}) == 1
    assert all(len(result.persons) == 1 for result in results)
    assert clips.detector_runs <= 60 / CHOSEN.detection.every_n * 1.5


def test_unknown_names_are_the_users_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    with pytest.raises(DetectorError, match="no detector is named 'eagle'"):
        build_pipeline(Settings(detection=DetectionSettings(detector="eagle")))
    with pytest.raises(WeightsError):
        build_pipeline(
            Settings(pose=PoseSettings(model="no-such"), detection=DetectionSettings(detector="whole-frame"))
        )

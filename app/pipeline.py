"""From a frame to everybody's keypoints: detector, pose network, tracker and smoother in their order.

A pipeline belongs to the thread that built it: networks are loaded there and every call comes from there. Frames come
in order of time.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from app.detectors import PersonDetector, create_detector
from app.results import Detection, Frame, FrameResult, Heatmap, Person
from app.scheduling import DetectionSchedule, Scene, Sight
from app.settings import Settings
from app.smoothing import Smoother
from app.tracking import CONTINUES, Track, Tracker
from model.arrays import FloatArray
from model.estimator import PoseEstimate, PoseEstimator, build_estimator
from model.geometry import heatmap_corners
from model.zoo import resolve

_FLASH_S = 0.5  # a scene that is back so soon, after a flash or a picture in between, still has the same people
_STEP_BACK_S = 0.5  # so far back, as by single frames, there still are the same people
_PAUSE_S = 1.0  # a longer one between two frames ends smoothing and calls the detector
_ABSENCE_S = 3.0  # after a longer one, and one that is longer than usual, whoever is there may be somebody else
_UNUSUAL = 3.0  # times the time between two frames until then
_STAGES = ("detect", "crop", "infer", "decode", "track", "smooth")
_DETECTOR_FLOOR = 0.05  # the detector reports from here, so that the threshold can be moved while it runs


class _Left(NamedTuple):
    """A scene that a cut has ended: when it was last seen, how it looked, and who was followed there."""

    time_s: float
    sight: Sight
    tracks: list[Track]


class PosePipeline:
    """Finds, follows and calms everybody in a succession of frames."""

    def __init__(self, detector: PersonDetector, estimator: PoseEstimator, settings: Settings) -> None:
        """Start with nobody in view.

        Args:
            detector: Finds boxes; should report weak ones too, the pipeline applies the threshold.
            estimator: Finds keypoints in boxes.
            settings: Thresholds, smoothing, how often to detect, how many to follow.
        """
        self.detector = detector
        self.estimator = estimator
        self._settings = self._built_from = settings
        self._scene = Scene()
        self._schedule = DetectionSchedule(settings.detection.every_n)
        self._tracker = Tracker(estimator.skeleton, settings.detection.max_persons, self.person_threshold)
        self._smoother = Smoother(settings.smoothing)
        self._last_time_s: float | None = None
        self._usual_step_s: float | None = None
        self._left: _Left | None = None

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def person_threshold(self) -> float:
        """Box score from which a newcomer is taken on."""
        wanted = self._settings.detection.person_threshold
        return self.detector.default_threshold if wanted is None else wanted

    def apply(self, settings: Settings) -> bool:
        """Take over new settings from the next frame on.

        Returns:
            Whether some of them (model, engine, device, detector) differ from what runs here, and so take effect only
            in a newly built pipeline.
        """
        self._settings = settings
        self._schedule.every_n = settings.detection.every_n
        if self._tracker.max_persons != settings.detection.max_persons:
            self._tracker.max_persons = settings.detection.max_persons
            self._schedule.reset()
        if self._tracker.threshold != self.person_threshold:
            self._tracker.judge_anew(self.person_threshold)
            self._schedule.reset()
        self._smoother.settings = settings.smoothing
        return _networks(self._built_from) != _networks(settings)

    def number_by(self, ids: Iterator[int]) -> None:
        """Take the numbers of those who come from here on from elsewhere, as from what other pipelines go by, too."""
        self._tracker.ids = ids

    def reset(self) -> None:
        """Begin anew, as before an unrelated picture: the next frame is searched whole and everybody gets a new id."""
        self._tracker.reset()
        self._smoother.reset()
        self._schedule = DetectionSchedule(self._settings.detection.every_n)
        self._scene = Scene()
        self._last_time_s = self._usual_step_s = None
        self._left = None

    def close(self) -> None:
        """Release the networks; the pipeline is of no use afterwards."""
        self.detector.close()

    def process(self, frame: Frame) -> FrameResult:
        """Find everybody in the next frame.

        Time that runs backwards and a cut to another scene begin anew, but people keep their ids where their scene is
        back within half a second, and where time goes back no further; a pause of over a second ends smoothing, and the
        detector looks at once; one of over three seconds ends ids, too, unless frames come as slowly as that.
        """
        clock = _Clock()
        self._take_up(frame)
        alarm = self._tracker.fading or self._scene.changed()
        detect = self._schedule.due(searching=self._tracker.searching, alarm=alarm)
        clock.stop("track")
        detections = self._detect(frame) if detect else None
        clock.stop("detect")
        proposal = self._tracker.propose(frame.time_s, detections)
        clock.stop("track")
        poses = self.estimator.estimate(frame.image, proposal.boxes, self._heatmap_of())
        clock.skip(poses.timings_ms)
        if self._tracker.update(proposal, poses.keypoints, poses.scores, frame.size):
            self._schedule.reward()
        tracks = self._tracker.in_sight()
        self._scene.cover(np.array([track.box for track in tracks], np.float32).reshape(-1, 4))
        clock.stop("track")
        heatmaps = self._heatmaps(poses, proposal.boxes)
        persons = tuple(self._person(track, frame, heatmaps) for track in tracks)
        self._smoother.keep({track.id for track in self._tracker.tracks})
        clock.stop("smooth")
        return FrameResult(frame.index, frame.time_s, frame.size, persons, clock.timings_ms(), frame.picture)

    def _take_up(self, frame: Frame) -> None:
        last = self._last_time_s
        step = 0.0 if last is None else frame.time_s - last
        absence = self._usual_step_s is not None and step > max(_ABSENCE_S, _UNUSUAL * self._usual_step_s)
        if step < -_STEP_BACK_S:
            self.reset()
            last = None
        elif step < 0 or step > _PAUSE_S:
            if step < 0:
                self._tracker.rewind(frame.time_s)
            elif absence:
                self._tracker.reset()
            self._smoother.reset()
            self._schedule.reset()
        if step > 0 and not absence:
            self._usual_step_s = step
        self._last_time_s = frame.time_s
        before = self._scene.sight
        if self._scene.see(frame.image):
            tracks = self._swap_scene(frame.time_s, last, before)
            self._tracker.reset(tracks)
            self._smoother.reset()
            self._schedule.reset()

    def _swap_scene(self, time_s: float, last_s: float | None, before: Sight | None) -> list[Track]:
        """Those who were followed in the scene that a cut leads to, if it was left just now; else nobody."""
        left = self._left
        if left is not None and time_s - left.time_s > _FLASH_S:
            left = None
        now = self._scene.sight
        if left is not None and now is not None and now.is_of(left.sight):
            self._left = None
            return left.tracks
        if left is None and last_s is not None and before is not None:
            left = _Left(last_s, before, self._tracker.tracks)
        self._left = left
        return []

    def _detect(self, frame: Frame) -> list[Detection]:
        self._scene.look()
        least = CONTINUES * self.person_threshold
        return [detection for detection in self.detector.detect(frame.image) if detection.score >= least]

    def _heatmap_of(self) -> int | None:
        """The keypoint whose heatmaps are drawn; None for none, or where the network does not know it."""
        names, wanted = self.estimator.skeleton.keypoint_names, self._settings.drawing.heatmap
        return names.index(wanted) if wanted in names else None

    def _heatmaps(self, poses: PoseEstimate, boxes: FloatArray) -> list[Heatmap]:
        """Those of all candidates, in their order; empty where none were asked for."""
        if poses.heatmaps is None:
            return []
        corners = heatmap_corners(boxes, self.estimator.input_size)
        return [Heatmap(values, ends) for values, ends in zip(poses.heatmaps, corners, strict=True)]

    def _person(self, track: Track, frame: Frame, heatmaps: Sequence[Heatmap]) -> Person:
        height, width = frame.size
        longer_side = float(np.max(track.box[2:] - track.box[:2]))
        return Person(
            track_id=track.id,
            box=np.clip(track.box, 0, np.array([width, height, width, height], np.float32)),
            box_score=track.box_score,
            keypoints=self._smoother.smooth(track.id, frame.time_s, track.keypoints, track.scores, longer_side),
            scores=np.clip(track.scores, 0.0, 1.0),
            score=track.score,
            heatmap=heatmaps[track.candidate] if heatmaps else None,
        )


class _Clock:
    """Sums the time of stages that follow one another."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._spent_ms = dict.fromkeys(_STAGES, 0.0)

    def stop(self, stage: str) -> None:
        """Book the time since the last call on a stage."""
        now = time.perf_counter()
        self._spent_ms[stage] += 1000 * (now - self._last)
        self._last = now

    def skip(self, measured_ms: Mapping[str, float]) -> None:
        """Book the time since the last call as it was measured elsewhere."""
        self._spent_ms.update(measured_ms)
        self._last = time.perf_counter()

    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by stage, and in total."""
        return self._spent_ms | {"total": 1000 * (time.perf_counter() - self._start)}


def _networks(settings: Settings) -> tuple[str, ...]:
    return settings.pose.model, settings.pose.engine, settings.pose.device, settings.detection.detector


def build_pipeline(settings: Settings, threads: int | None = None) -> PosePipeline:
    """Load the networks that the settings name, on the calling thread.

    Args:
        settings: What to run, and how.
        threads: CPU threads of each network; None leaves the choice to the engines.

    Raises:
        UserError: Weights, an engine, a device or a detector is unknown or not to be had here.
    """
    pose = settings.pose
    detector = create_detector(settings.detection.detector, _DETECTOR_FLOOR, threads, pose.device)
    estimator = build_estimator(resolve(pose.model), pose.engine, pose.device, threads)
    return PosePipeline(detector, estimator, settings)

"""Running a pose network, with or without a detector, over labelled pictures and measuring both."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray, UInt8Array
from model.boxes import box_iou
from model.estimator import PoseEstimate, PoseEstimator, person_scores
from model.geometry import crop_frames
from model.skeletons import Skeleton
from model.training.annotation_file import PERSON
from model.training.detection_metrics import MATCH_IOU, DetectionMetrics, PictureDetections, detection_metrics
from model.training.labelled_pictures import LabelledPicture, LabelledPictures, count_people
from model.training.mpii_files import MpiiPeople
from model.training.pckh import Pckh, pckh
from model.training.pictures import read_labelled, read_picture
from model.training.pose_metrics import (
    AveragePrecision,
    average_precision,
    correct_keypoints,
    mean,
    object_keypoint_similarity,
    suppress_duplicates,
)

Detect = Callable[[LabelledPicture, UInt8Array], tuple[FloatArray, FloatArray]]
"""Boxes (N, 4) x1, y1, x2, y2 and scores (N,) of the people in a picture, from it or from its pixels (H, W, 3) BGR."""

WEAKEST_BOX = 0.01
"""Score of the weakest boxes that detectors are measured by: average precision is over all thresholds."""

Progress = Callable[[int, int], None]
"""Told how many pictures are done, of how many."""


@dataclass(frozen=True)
class PoseMetrics:
    """What `evaluate` says of a pose network.

    Attributes:
        precision: COCO's figures.
        oks: Mean object keypoint similarity over labelled people; with detector boxes over matched ones.
        oks_labelled_boxes: With detector boxes, the same over the same people looked for in their labelled boxes,
            which tells what the detector's cost; else None.
        pck: Mean share of keypoints found within 0.1 of the box's longer side, over the same people.
        matched: Share of labelled people that a detected box matches; 1 with labelled boxes.
        people: How many people are labelled.
    """

    precision: AveragePrecision
    oks: float
    oks_labelled_boxes: float | None
    pck: float
    matched: float
    people: int


def evaluate_poses(
    labelled: LabelledPictures,
    estimator: PoseEstimator,
    progress: Progress,
    detect: Detect | None = None,
    threshold: float = 0.0,
) -> PoseMetrics:
    """Find everybody's keypoints and measure them.

    The score of a person is the box's times the mean of the keypoint scores above 0.2; of poses that nearly coincide
    the best-scored stays (OKS-NMS at 0.9, over the areas of the crops), as in mmpose.

    Args:
        labelled: Pictures and labels.
        estimator: Finds the keypoints.
        progress: Told after every picture.
        detect: Finds the boxes, weak ones too, since average precision is over all thresholds; None for the labelled
            ones.
        threshold: Score from which a detected box may match a labelled person.

    Raises:
        DatasetError: A picture cannot be read, or nobody in them counts.
    """
    people = count_people(labelled)
    skeleton = estimator.skeleton
    predictions: list[dict[str, Any]] = []
    similarities: list[float] = []
    similarities_in_labelled: list[float] = []
    shares: list[float] = []
    for picture, image in _read_all(labelled, progress):
        counted = np.flatnonzero(picture.counted)
        if detect is None:
            boxes, box_scores = picture.boxes[counted], np.ones(len(counted), np.float32)
            pairs = [(index, int(person)) for index, person in enumerate(counted)]
        else:
            boxes, box_scores = detect(picture, image)
            pairs = _match(boxes, np.where(box_scores >= threshold, box_scores, 0), picture.boxes, counted)
        estimate = estimator.estimate(image, boxes)
        areas = crop_frames(boxes, estimator.input_size).extents.prod(axis=1).astype(np.float32)
        predictions += _coco_results(picture.image_id, estimate, box_scores, areas, skeleton)
        if pairs:
            found, person = (np.array(indices) for indices in zip(*pairs, strict=True))
            keypoints = estimate.keypoints[found]
            similarities += _similarities(picture, person, keypoints, skeleton)
            labels = picture.keypoints[person], picture.visible[person]
            shares += correct_keypoints(keypoints, *labels, picture.boxes[person]).tolist()
            if detect is not None:
                keypoints = estimator.estimate(image, picture.boxes[person]).keypoints
                similarities_in_labelled += _similarities(picture, person, keypoints, skeleton)
    precision = average_precision(labelled.ground_truth, predictions, skeleton)
    matched = len(similarities) / people
    in_labelled = None if detect is None else mean(similarities_in_labelled)
    return PoseMetrics(precision, mean(similarities), in_labelled, mean(shares), matched, people)


def evaluate_detection(
    labelled: LabelledPictures, detect: Detect, threshold: float, progress: Progress
) -> DetectionMetrics:
    """Find everybody's box and measure that alone.

    Args:
        labelled: Pictures and labels.
        detect: Finds the boxes, weak ones too.
        threshold: Score that recall and precision are given for.
        progress: Told after every picture.

    Raises:
        DatasetError: A picture cannot be read, or nobody is large enough to count.
    """
    found = []
    for picture, image in _read_all(labelled, progress):
        boxes, scores = detect(picture, image)
        found.append(PictureDetections(boxes, scores, picture.boxes, picture.crowd, image.shape[0]))
    return detection_metrics(found, threshold)


def evaluate_pckh(people: MpiiPeople, images: Path, estimator: PoseEstimator, progress: Progress) -> Pckh:
    """Find the keypoints of people where MPII says that they are, and measure PCKh at 0.5.

    Args:
        people: With head sizes.
        images: Folder of their pictures.
        estimator: Finds MPII's 16 keypoints.
        progress: Told after every picture.

    Raises:
        DatasetError: A picture cannot be read.
    """
    found = np.empty_like(people.keypoints)
    names = np.unique(people.pictures)
    for number, name in enumerate(names, start=1):
        there = people.pictures == name
        found[there] = estimator.estimate(read_picture(images / str(name)), people.boxes[there]).keypoints
        progress(number, len(names))
    return pckh(found, people.keypoints, people.visible, people.head_sizes)


def _read_all(labelled: LabelledPictures, progress: Progress) -> Iterator[tuple[LabelledPicture, UInt8Array]]:
    for number, picture in enumerate(labelled.pictures, start=1):
        yield picture, read_labelled(picture.path, *picture.size)
        progress(number, len(labelled.pictures))


def _match(
    boxes: FloatArray, scores: FloatArray, labelled: FloatArray, counted: npt.NDArray[np.intp]
) -> list[tuple[int, int]]:
    """Pairs of a detection and the free person it overlaps most, by at least half; best-scored first, none scored 0."""
    free = list(counted)
    pairs = []
    for index in np.argsort(-scores, kind="stable"):
        if not free or scores[index] <= 0:
            break
        overlaps = box_iou(boxes[None, index], labelled[free])[0]
        best = int(overlaps.argmax())
        if overlaps[best] >= MATCH_IOU:
            pairs.append((int(index), int(free.pop(best))))
    return pairs


def _similarities(
    picture: LabelledPicture, people: npt.NDArray[np.intp], keypoints: FloatArray, skeleton: Skeleton
) -> list[float]:
    labels = picture.keypoints[people], picture.visible[people], picture.areas[people]
    found: list[float] = object_keypoint_similarity(keypoints, *labels, skeleton).tolist()
    return found


def _coco_results(
    image_id: int, estimate: PoseEstimate, box_scores: FloatArray, areas: FloatArray, skeleton: Skeleton
) -> list[dict[str, Any]]:
    scores = person_scores(box_scores, estimate.scores)
    kept = suppress_duplicates(estimate.keypoints, scores, areas, skeleton)
    triples = np.concatenate([estimate.keypoints, estimate.scores[..., None]], axis=2)
    return [
        {"image_id": image_id, "category_id": PERSON, "keypoints": triple.ravel().tolist(), "score": float(score)}
        for triple, score in zip(triples[kept], scores[kept], strict=True)
    ]

"""`evaluate`: accuracy of a pose network, a detector or both, on labelled pictures."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.commands.console import fetch_progress, print_table, progress_bar, write_json
from app.commands.options import DecodingOption, DetectorOption, DeviceOption, EngineOption, JsonOption, ModelOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.detectors import PersonDetector
    from model.arrays import FloatArray, UInt8Array
    from model.estimator import PoseEstimator
    from model.training.evaluate import Detect, PoseMetrics
    from model.training.labelled_pictures import LabelledPictures

# Weak boxes count too: average precision is over all thresholds. Joints in boxes below the second are wasted work, for
# a person's score has the box's as a factor.
_WEAKEST_BOX = 0.01
_WEAKEST_BOX_FOR_JOINTS = 0.1


def run(
    annotations: Annotated[Path, typer.Option(metavar="FILE", help="COCO-format annotation file.")],
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the pictures it names.")],
    model: ModelOption = None,
    detector: DetectorOption = None,
    boxes: Annotated[
        Literal["gt", "detector"],
        typer.Option(help="Whose boxes the joints are looked for in: the labels' own (gt), or the detector's."),
    ] = "gt",
    engine: EngineOption = None,
    device: DeviceOption = None,
    decoding: DecodingOption = None,
    flip_test: Annotated[
        bool, typer.Option("--flip-test", help="Average with the mirrored crops: a little better, twice the work.")
    ] = False,
    json_path: JsonOption = None,
) -> None:
    """Measure accuracy on labelled pictures: AP, similarity and PCK of joints, AP and recall of boxes.

    A detector without --model is measured alone.

    **Examples**

    `python main.py evaluate --annotations coco/person_keypoints_val2017.json --images coco/val2017 --model balanced`

    `python main.py evaluate --annotations labels.json --images pictures --detector picodet-320`
    """
    alone = detector is not None and model is None
    if boxes == "detector" and detector is None:
        detector = "default"

    from model.skeletons import COCO_17, skeleton_of
    from model.training.labelled_pictures import read_pictures
    from model.zoo import ensure, resolve

    pose = None if alone else resolve(model or "default")
    labelled = read_pictures(annotations, images, skeleton_of(pose.keypoints) if pose else COCO_17)
    report: dict[str, Any] = {
        "model": pose.name if pose else None,
        "boxes": "detector" if alone else boxes,
        "flip_test": flip_test and not alone,
        "images": len(labelled.pictures),
    }
    metrics = detection = None
    with _loaded(detector) as finder:
        report["detector"] = finder.name if finder else None
        if finder is not None:
            detection = _measure_detection(labelled, finder)
        if pose is not None:
            from model.estimator import build_estimator

            with fetch_progress() as progress:
                ensure(pose, progress)
            estimator = build_estimator(
                pose, engine or "auto", device or "auto", decoding=decoding, flip_test=flip_test
            )
            metrics = _measure_poses(labelled, estimator, finder if boxes == "detector" else None)
    report |= _pose_figures(metrics, labelled) | {"pckh": None, "detection": detection}
    _print(report)
    if json_path is not None:
        write_json(report, json_path)


@contextmanager
def _loaded(name: str | None) -> Iterator[PersonDetector | None]:
    """The detector of a name, closed at the end; None for none."""
    if name is None:
        yield None
        return
    from app.detectors import create_detector, detector_weights
    from model.zoo import ensure

    weights = detector_weights(name)
    if weights is not None:
        with fetch_progress() as progress:
            ensure(weights, progress)
    with closing(create_detector(name, threshold=_WEAKEST_BOX)) as detector:
        yield detector


def _detect_above(detector: PersonDetector, threshold: float) -> Detect:
    import numpy as np

    def detect(image: UInt8Array) -> tuple[FloatArray, FloatArray]:
        found = [detection for detection in detector.detect(image) if detection.score >= threshold]
        boxes = np.array([detection.box for detection in found], np.float32).reshape(-1, 4)
        return boxes, np.array([detection.score for detection in found], np.float32)

    return detect


def _measure_detection(labelled: LabelledPictures, detector: PersonDetector) -> dict[str, float]:
    from model.training.evaluate import evaluate_detection

    with progress_bar("boxes") as progress:
        detect = _detect_above(detector, _WEAKEST_BOX)
        metrics = evaluate_detection(labelled, detect, detector.default_threshold, progress)
    return {
        "AP50": metrics.ap50,
        "recall": metrics.recall,
        "precision": metrics.precision,
        "threshold": metrics.threshold,
    }


def _measure_poses(
    labelled: LabelledPictures, estimator: PoseEstimator, detector: PersonDetector | None
) -> PoseMetrics:
    from model.training.evaluate import evaluate_poses

    with progress_bar("joints") as progress:
        if detector is None:
            return evaluate_poses(labelled, estimator, progress)
        detect = _detect_above(detector, _WEAKEST_BOX_FOR_JOINTS)
        return evaluate_poses(labelled, estimator, progress, detect, detector.default_threshold)


def _pose_figures(metrics: PoseMetrics | None, labelled: LabelledPictures) -> dict[str, Any]:
    if metrics is None:
        keys = ("AP", "AP50", "AP75", "APM", "APL", "AR", "oks", "pck", "matched")
        return {"people": int(sum(picture.counted.sum() for picture in labelled.pictures))} | dict.fromkeys(keys)
    precision = metrics.precision
    return {
        "people": metrics.people,
        "AP": precision.ap,
        "AP50": precision.ap50,
        "AP75": precision.ap75,
        "APM": precision.ap_medium,
        "APL": precision.ap_large,
        "AR": precision.ar,
        "oks": metrics.oks,
        "pck": metrics.pck,
        "matched": metrics.matched,
    }


def _print(report: dict[str, Any]) -> None:
    from rich.table import Table

    subject = " in the boxes of ".join(name for name in (report["model"], report["detector"]) if name)
    if report["model"] and report["boxes"] == "gt":
        subject = f"{report['model']} in labelled boxes"
    print(f"{subject}: {report['images']} pictures, {report['people']} people")
    table = Table()
    table.add_column("figure")
    table.add_column("value", justify="right")
    detection = report["detection"] or {}
    rows = [(key, report[key]) for key in ("AP", "AP50", "AP75", "APM", "APL", "AR", "oks", "pck", "matched")]
    rows += [(f"detection {key}", value) for key, value in detection.items()]
    for name, value in rows:
        if value is not None:
            table.add_row(name, f"{value:.3f}")
    print_table(table)

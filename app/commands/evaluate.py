"""`evaluate`: accuracy of a pose network, a detector or both, on labelled pictures."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.console import check_figures_file, fetch_weights, print_table, progress_bar, show_figures
from app.commands.every_detector import build_every_detector
from app.commands.options import (
    DecodingOption,
    DetectorOption,
    DeviceOption,
    EngineOption,
    JsonOption,
    ModelOption,
    refuse_unused,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.detectors import PersonDetector
    from model.arrays import FloatArray, UInt8Array
    from model.estimator import PoseEstimator
    from model.training.evaluate import Detect, PoseMetrics
    from model.training.labelled_pictures import LabelledPicture, LabelledPictures
    from model.zoo import PoseWeightSet

# Joints in weaker boxes are wasted work, for a person's score has the box's as a factor.
_WEAKEST_BOX_FOR_JOINTS = 0.1

_BOXES = ("gt", "detector")
_DETECTION_FIGURES = ("AP50", "recall", "precision", "threshold")
_POSE_FIGURES = ("AP", "AP50", "AP75", "APM", "APL", "AR", "oks", "oks_labelled_boxes", "pck", "matched")
_POSE_PARAMETERS = ("boxes", "engine", "decoding", "flip_test")


def run(
    context: typer.Context,
    annotations: Annotated[
        Path,
        typer.Option(metavar="FILE", help="COCO-format annotation file, or MPII's .mat, or mmpose's mpii_val.json."),
    ],
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the pictures it names.")],
    model: ModelOption = None,
    detector: DetectorOption = None,
    boxes: Annotated[
        str,
        typer.Option(
            metavar="gt|detector|FILE",
            help="Whose boxes the joints are looked for in: the labels' own (gt), the detector's, or those of a file "
            "of COCO detection results, such as COCO_val2017_detections_AP_H_56_person.json.",
        ),
    ] = "gt",
    compare: Annotated[
        bool, typer.Option("--compare", help="Measure every detector that this machine can have, each alone.")
    ] = False,
    head_boxes: Annotated[
        Path | None,
        typer.Option(
            "--head-boxes",
            metavar="FILE",
            help="Head boxes of mpii_val.json: mpii_gt_val.mat, by default the one beside it, or MPII's own .mat.",
        ),
    ] = None,
    engine: EngineOption = None,
    device: DeviceOption = None,
    decoding: DecodingOption = None,
    flip_test: Annotated[
        bool, typer.Option("--flip-test", help="Average with the mirrored crops: a little better, twice the work.")
    ] = False,
    json_path: JsonOption = None,
) -> None:
    """Measure accuracy on labelled pictures: AP, similarity and PCK of joints, AP and recall of boxes; PCKh on MPII.

    A detector without --model is measured alone; --compare measures all of them. AP is -1 where nobody of a size is
    labelled, as in COCO's own code.

    **Examples**

    `python main.py evaluate --annotations coco/person_keypoints_val2017.json --images coco/val2017 --model balanced`

    `python main.py evaluate --annotations labels.json --images pictures --detector picodet-320`

    `python main.py evaluate --annotations mpii_val.json --images mpii/images --model litehrnet18-mpii-256x256-mmpose`
    """
    from app.detectors import has_choice_of_device
    from model.training.mpii_files import is_mpii
    from model.zoo import resolve

    check_figures_file(json_path, [annotations, Path(boxes), *([head_boxes] if head_boxes else [])])
    if compare:
        unused = ["model", "detector", "head_boxes", *_POSE_PARAMETERS]
        refuse_unused(context, unused, "--compare measures every detector alone")
        comparison = _compare(annotations, images, device or "auto")
        show_figures(comparison, json_path, lambda: _print_comparison(comparison))
        return
    alone = detector if model is None else None
    if alone is not None:
        refuse_unused(context, _POSE_PARAMETERS, "without --model the detector is measured alone")
        if not has_choice_of_device(alone):
            refuse_unused(context, ["device"], f"{alone} runs on the CPU")
    pose = None if alone is not None else resolve(model or "default")
    report: dict[str, Any] = {
        "model": pose.name if pose else None,
        "boxes": "detector" if alone is not None else boxes if boxes in _BOXES else Path(boxes).name,
        "flip_test": flip_test,
    }

    def estimator(pose: PoseWeightSet) -> PoseEstimator:
        from model.estimator import build_estimator

        fetch_weights(pose)
        return build_estimator(pose, engine or "auto", device or "auto", decoding=decoding, flip_test=flip_test)

    if is_mpii(annotations):
        if pose is None or detector is not None or boxes != "gt":
            raise typer.BadParameter("MPII says where people are: leave out --detector and --boxes")
        report |= _mpii_figures(annotations, images, head_boxes, pose, estimator)
    else:
        if head_boxes is not None:
            raise typer.BadParameter(
                f"{annotations} is not MPII's, and its heads do not count", param_hint="--head-boxes"
            )
        if boxes == "detector" and detector is None:
            detector = "default"
        report |= _coco_figures(annotations, images, boxes, pose, detector, device or "auto", estimator)
    show_figures(report, json_path, lambda: _print(report))


def _coco_figures(
    annotations: Path,
    images: Path,
    boxes: str,
    pose: PoseWeightSet | None,
    detector: str | None,
    device: str,
    build: Callable[[PoseWeightSet], PoseEstimator],
) -> dict[str, Any]:
    from model.skeletons import skeleton_of
    from model.training.detected_boxes import read_boxes
    from model.training.evaluate import evaluate_poses
    from model.training.labelled_pictures import read_pictures

    labelled = read_pictures(annotations, images, skeleton_of(pose.keypoints) if pose else None)
    stored = None if boxes in _BOXES else read_boxes(Path(boxes), labelled)
    metrics = detection = None
    estimator = None if pose is None else build(pose)  # before hours of searching for people
    with _loaded(detector, device) as finder:
        if finder is not None:
            detection = _measure_detection(labelled, finder)
        if estimator is not None:
            detect, threshold = stored, 0.0
            if boxes == "detector" and finder is not None:
                detect, threshold = _detect_above(finder, _WEAKEST_BOX_FOR_JOINTS), finder.default_threshold
            with progress_bar("joints") as progress:
                metrics = evaluate_poses(labelled, estimator, progress, detect, threshold)
        name = finder.name if finder else None
    people = int(sum((picture.counted if pose else ~picture.crowd).sum() for picture in labelled.pictures))
    counts = {"images": len(labelled.pictures), "people": people, "detector": name}
    return counts | _pose_figures(metrics) | {"pckh": None, "detection": detection}


def _compare(annotations: Path, images: Path, device: str) -> dict[str, Any]:
    from app.detectors import create_detector
    from model.training.evaluate import WEAKEST_BOX
    from model.training.labelled_pictures import read_pictures

    labelled = read_pictures(annotations, images, None)
    detectors = build_every_detector(lambda name: create_detector(name, WEAKEST_BOX, device=device))
    try:
        figures = {name: _measure_detection(labelled, detector) for name, detector in detectors.items()}
    finally:
        for detector in detectors.values():
            detector.close()
    return {"images": len(labelled.pictures), "detectors": figures}


def _print_comparison(comparison: dict[str, Any]) -> None:
    from rich.table import Table

    print(f"{comparison['images']} pictures")
    table = Table("detector")
    for heading in _DETECTION_FIGURES:
        table.add_column(heading, justify="right")
    for name, figures in comparison["detectors"].items():
        table.add_row(name, *(f"{figures[heading]:.3f}" for heading in _DETECTION_FIGURES))
    print_table(table)


def _mpii_figures(
    annotations: Path,
    images: Path,
    head_boxes: Path | None,
    pose: PoseWeightSet,
    build: Callable[[PoseWeightSet], PoseEstimator],
) -> dict[str, Any]:
    from model.errors import DatasetError
    from model.skeletons import MPII_16
    from model.training.evaluate import evaluate_pckh
    from model.training.mpii import read_evaluated

    if pose.keypoints != MPII_16.keypoints:
        raise DatasetError(
            f"{annotations} labels MPII's {MPII_16.keypoints} keypoints and {pose.name} finds {pose.keypoints}; "
            "choose another model, such as --model litehrnet18-mpii-256x256-mmpose"
        )
    people = read_evaluated(annotations, head_boxes)
    estimator = build(pose)
    with progress_bar("joints") as progress:
        found = evaluate_pckh(people, images, estimator, progress)
    counts = {"images": len(set(people.pictures.tolist())), "people": len(people), "detector": None}
    return counts | _pose_figures(None) | {"pckh": {"mean": found.mean, "joints": found.joints}, "detection": None}


@contextmanager
def _loaded(name: str | None, device: str) -> Iterator[PersonDetector | None]:
    """The detector of a name, closed at the end; None for none."""
    if name is None:
        yield None
        return
    from app.detectors import create_detector, detector_weights
    from model.training.evaluate import WEAKEST_BOX

    weights = detector_weights(name)
    if weights is not None:
        fetch_weights(weights)
    with closing(create_detector(name, WEAKEST_BOX, device=device)) as detector:
        yield detector


def _detect_above(detector: PersonDetector, threshold: float) -> Detect:
    import numpy as np

    def detect(_: LabelledPicture, image: UInt8Array) -> tuple[FloatArray, FloatArray]:
        found = [detection for detection in detector.detect(image) if detection.score >= threshold]
        boxes = np.array([detection.box for detection in found], np.float32).reshape(-1, 4)
        return boxes, np.array([detection.score for detection in found], np.float32)

    return detect


def _measure_detection(labelled: LabelledPictures, detector: PersonDetector) -> dict[str, float]:
    from model.training.evaluate import WEAKEST_BOX, evaluate_detection

    with progress_bar("boxes") as progress:
        detect = _detect_above(detector, WEAKEST_BOX)
        metrics = evaluate_detection(labelled, detect, detector.default_threshold, progress)
    figures = (metrics.ap50, metrics.recall, metrics.precision, metrics.threshold)
    return dict(zip(_DETECTION_FIGURES, figures, strict=True))


def _pose_figures(metrics: PoseMetrics | None) -> dict[str, Any]:
    if metrics is None:
        return dict.fromkeys(_POSE_FIGURES)
    precision = metrics.precision
    figures = (precision.ap, precision.ap50, precision.ap75, precision.ap_medium, precision.ap_large, precision.ar)
    rest = (metrics.oks, metrics.oks_labelled_boxes, metrics.pck, metrics.matched)
    return dict(zip(_POSE_FIGURES, (*figures, *rest), strict=True))


def _print(report: dict[str, Any]) -> None:
    from rich.table import Table

    subject = " in the boxes of ".join(name for name in (report["model"], report["detector"]) if name)
    if report["model"] and report["boxes"] != "detector":
        subject = f"{report['model']} in {'labelled boxes' if report['boxes'] == 'gt' else report['boxes']}"
    print(f"{subject}: {report['images']} pictures, {report['people']} people")
    table = Table()
    table.add_column("figure")
    table.add_column("value", justify="right")
    rows = [(key, report[key]) for key in _POSE_FIGURES]
    pckh = report["pckh"] or {"mean": None, "joints": {}}
    rows += [("PCKh", pckh["mean"]), *((f"PCKh {joint}", value) for joint, value in pckh["joints"].items())]
    rows += [(f"detection {key}", value) for key, value in (report["detection"] or {}).items()]
    for name, value in rows:
        if value is not None:
            table.add_row(name, f"{value:.3f}")
    print_table(table)

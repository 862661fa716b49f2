"""Pictures with labelled people, read from COCO-format annotation files for evaluation."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.errors import DatasetError
from model.skeletons import Skeleton
from model.training.annotation_file import PERSON, people_of

_AREA_OF_BOX = 0.53  # where no area is stated: what xtcocotools, mmpose's evaluation code, takes for a person's segment


@dataclass(frozen=True, eq=False)
class LabelledPicture:
    """One picture and the people in it: G labelled people, crowds included, K keypoints.

    Attributes:
        image_id: In the annotation file.
        path: The picture.
        size: (height, width) that the labels are of.
        boxes: (G, 4) x1, y1, x2, y2, clipped to the picture.
        crowd: (G,).
        keypoints: (G, K, 2).
        visible: (G, K), which keypoints are labelled.
        areas: (G,) in square pixels.
    """

    image_id: int
    path: Path
    size: tuple[int, int]
    boxes: FloatArray
    crowd: BoolArray
    keypoints: FloatArray
    visible: BoolArray
    areas: FloatArray

    @property
    def counted(self) -> BoolArray:
        """(G,) people with keypoints, who are not a crowd."""
        return ~self.crowd & self.visible.any(axis=1)


@dataclass(frozen=True, eq=False)
class LabelledPictures:
    """The people of an annotation file, in COCO's format with every key that its evaluation code asks for; and the same
    by picture.
    """

    ground_truth: dict[str, Any]
    pictures: tuple[LabelledPicture, ...]


def read_pictures(annotations: Path, images: Path, skeleton: Skeleton) -> LabelledPictures:
    """Read a COCO-format annotation file.

    What tools other than COCO's leave out is filled in: who is no crowd, how many keypoints are labelled, and the area.

    Raises:
        DatasetError: The file is absent, malformed, or labels other keypoints than the skeleton's; or the skeleton is
            MPII's, for which COCO has no measure.
    """
    if skeleton.oks_sigmas is None:
        raise DatasetError(
            f"{annotations} is in COCO's format, whose measures know no {skeleton.name}; networks of "
            f"{skeleton.keypoints} keypoints are measured on MPII: give mpii_val.json or mpii_human_pose_v1_u12_1.mat"
        )
    try:
        ground_truth = _complete(json.loads(annotations.read_text(encoding="utf-8")), skeleton)
        by_image: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in ground_truth["images"]}
        for annotation in ground_truth["annotations"]:
            by_image[annotation["image_id"]].append(annotation)
        pictures = tuple(
            _labelled_picture(image, by_image[image["id"]], images, skeleton) for image in ground_truth["images"]
        )
    except OSError as error:
        raise DatasetError(f"cannot read {annotations}: {error.strerror}; check --annotations") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DatasetError(
            f"{annotations} is not a COCO annotation file with {skeleton.keypoints} keypoints a person ({reason}); "
            "give another file, or a model with as many keypoints"
        ) from error
    if not pictures:
        raise DatasetError(f"{annotations} lists no pictures; give another file")
    return LabelledPictures(ground_truth, pictures)


def count_people(labelled: LabelledPictures) -> int:
    """How many people poses are measured on: those with keypoints, who are not a crowd.

    Raises:
        DatasetError: There is nobody.
    """
    people = int(sum(picture.counted.sum() for picture in labelled.pictures))
    if people == 0:
        folder = labelled.pictures[0].path.parent
        raise DatasetError(
            f"nobody in the pictures of {folder} has labelled keypoints; give annotations that name some"
        )
    return people


def _complete(content: dict[str, Any], skeleton: Skeleton) -> dict[str, Any]:
    """The people of a file with every key that COCO's evaluation code asks for, numbered from 1: to it 0 is nobody."""
    return {
        "images": content["images"],
        "annotations": [
            _complete_person(number, entry, skeleton) for number, entry in enumerate(people_of(content), start=1)
        ],
        "categories": [{"id": PERSON, "name": "person"}],
    }


def _complete_person(number: int, annotation: dict[str, Any], skeleton: Skeleton) -> dict[str, Any]:
    keypoints = annotation.get("keypoints") or [0.0] * (3 * skeleton.keypoints)
    _, _, width, height = annotation["bbox"]
    area, labelled = annotation.get("area"), annotation.get("num_keypoints")
    return {
        "id": number,
        "image_id": annotation["image_id"],
        "category_id": PERSON,
        "iscrowd": int(bool(annotation.get("iscrowd"))),
        "bbox": annotation["bbox"],
        "area": _AREA_OF_BOX * width * height if area is None else area,
        "num_keypoints": sum(flag > 0 for flag in keypoints[2::3]) if labelled is None else labelled,
        "keypoints": keypoints,
    }


def _labelled_picture(
    image: dict[str, Any], annotations: list[dict[str, Any]], images: Path, skeleton: Skeleton
) -> LabelledPicture:
    corners = np.array([annotation["bbox"] for annotation in annotations], np.float32).reshape(len(annotations), 4)
    corners[:, 2:] += corners[:, :2]
    furthest = np.array([image["width"], image["height"]] * 2, np.float32) - 1
    # Strict: a file of another skeleton must not be read as if it were this one's.
    labels = np.array([annotation["keypoints"] for annotation in annotations], np.float32)
    labels = labels.reshape(len(annotations), skeleton.keypoints, 3)
    return LabelledPicture(
        image_id=image["id"],
        path=images / image["file_name"],
        size=(int(image["height"]), int(image["width"])),
        boxes=np.clip(corners, 0, furthest),
        crowd=np.array([annotation["iscrowd"] for annotation in annotations], np.bool_),
        keypoints=labels[..., :2],
        visible=labels[..., 2] > 0,
        areas=np.array([annotation["area"] for annotation in annotations], np.float32),
    )

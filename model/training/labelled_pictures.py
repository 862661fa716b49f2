"""Pictures with labelled people, read from COCO-format annotation files for evaluation."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.arrays import BoolArray, FloatArray
from model.errors import DatasetError
from model.skeletons import Skeleton
from model.training.annotation_file import (
    PERSON,
    finite,
    images_of,
    people_of,
    person_categories,
    read_annotations,
    size_of,
)

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
    by picture; and the numbers of the category of people: the file's, and COCO's where the file has no other for it.
    """

    ground_truth: dict[str, Any]
    pictures: tuple[LabelledPicture, ...]
    categories: frozenset[Any]


def read_pictures(annotations: Path, images: Path, skeleton: Skeleton | None) -> LabelledPictures:
    """Read a COCO-format annotation file.

    What tools other than COCO's leave out is filled in: who is no crowd, how many keypoints are labelled, the area, and
    the sizes of pictures. People of pictures that are not listed are left out, as COCO's own code does.

    Args:
        annotations: The file.
        images: Folder that the file names in it start from.
        skeleton: What it must label; None where boxes alone are measured and keypoints are not read.

    Raises:
        DatasetError: The file is absent, malformed, or labels other keypoints than the skeleton's; or the skeleton is
            MPII's, for which COCO has no measure.
    """
    if skeleton is not None and skeleton.oks_sigmas is None:
        raise DatasetError(
            f"{annotations} is in COCO's format, whose measures know no {skeleton.name}; networks of "
            f"{skeleton.keypoints} keypoints are measured on MPII: give mpii_val.json or mpii_human_pose_v1_u12_1.mat"
        )
    keypoints = skeleton.keypoints if skeleton is not None else 0
    labelled = read_annotations(
        annotations,
        lambda content: _labelled(content, annotations, images, keypoints),
        "images, and annotations with bbox" + (" and keypoints" if keypoints else ""),
    )
    if not labelled.pictures:
        raise DatasetError(f"{annotations} lists no pictures; give another file")
    return labelled


def check_files(pictures: Iterable[Path]) -> None:
    """Tell before a long run, and not at its first measurement, that a picture is absent.

    Raises:
        DatasetError: One is.
    """
    absent = next((path for path in pictures if not path.is_file()), None)
    if absent is not None:
        raise DatasetError(f"cannot read picture {absent}: it does not exist; check the folder of images")


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


def _labelled(content: dict[str, Any], annotations: Path, images: Path, keypoints: int) -> LabelledPictures:
    by_id = images_of(content)
    by_image: dict[Any, list[dict[str, Any]]] = {image_id: [] for image_id in by_id}
    everybody = people_of(content)
    people = [entry for entry in everybody if entry["image_id"] in by_image]
    if by_id and everybody and not people:
        raise ValueError(f"nobody is in an image that is listed; the first is in {everybody[0]['image_id']!r}")
    # Numbered from 1: to COCO's evaluation code 0 is nobody.
    complete = [_complete_person(number, entry, annotations, keypoints) for number, entry in enumerate(people, start=1)]
    for person in complete:
        by_image[person["image_id"]].append(person)
    ground_truth = {
        "images": [*by_id.values()], "annotations": complete, "categories": [{"id": PERSON, "name": "person"}],
    }  # fmt: skip
    pictures = tuple(_labelled_picture(image, by_image[key], images, keypoints) for key, image in by_id.items())
    listed = {category["id"] for category in content.get("categories") or []}
    return LabelledPictures(ground_truth, pictures, person_categories(content) | ({PERSON} - listed))


def _complete_person(number: int, annotation: dict[str, Any], path: Path, keypoints: int) -> dict[str, Any]:
    x, y, width, height = (finite(annotation, "bbox", each) for each in annotation["bbox"])
    area, labelled = annotation.get("area"), annotation.get("num_keypoints")
    labels = _keypoints(annotation, path, keypoints)
    return {
        "id": number,
        "image_id": annotation["image_id"],
        "category_id": PERSON,
        "iscrowd": int(bool(annotation.get("iscrowd"))),
        "bbox": [x, y, width, height],
        "area": _AREA_OF_BOX * width * height if area is None else finite(annotation, "area", area),
        "num_keypoints": int((labels[:, 2] > 0).sum()) if labelled is None else int(labelled),
        "keypoints": labels.ravel().tolist(),
    }


def _keypoints(annotation: dict[str, Any], path: Path, keypoints: int) -> npt.NDArray[np.float64]:
    """(K, 3) x, y and whether it is labelled; some tools write null for the place of one that is not."""
    if keypoints == 0:
        return np.zeros((0, 3), np.float64)
    labels = np.asarray(annotation.get("keypoints") or np.zeros((keypoints, 3)), np.float64)
    if labels.size != 3 * keypoints:
        raise DatasetError(
            f"{path}: annotation {annotation.get('id')} has {labels.size / 3:g} keypoints where the network finds "
            f"{keypoints}; give another file, or a model with as many keypoints"
        )
    labels = labels.reshape(keypoints, 3)
    labels[~(labels[:, 2] > 0) & ~np.isfinite(labels).all(axis=1)] = 0
    if not np.isfinite(labels).all():
        raise ValueError(f"annotation {annotation.get('id')} has keypoints that are no numbers")
    return labels


def _labelled_picture(
    image: dict[str, Any], annotations: list[dict[str, Any]], images: Path, keypoints: int
) -> LabelledPicture:
    path = images / image["file_name"]
    width, height = size_of(image, path)
    corners = np.array([annotation["bbox"] for annotation in annotations], np.float32).reshape(len(annotations), 4)
    corners[:, 2:] += corners[:, :2]
    labels = np.array([annotation["keypoints"] for annotation in annotations], np.float32)
    labels = labels.reshape(len(annotations), keypoints, 3)
    # Whose keypoints the file does not count is nobody to COCO's evaluation code.
    counted = np.array([annotation["num_keypoints"] > 0 for annotation in annotations], np.bool_)
    return LabelledPicture(
        image_id=image["id"],
        path=path,
        size=(height, width),
        boxes=np.clip(corners, 0, np.array([width, height] * 2, np.float32) - 1),
        crowd=np.array([annotation["iscrowd"] for annotation in annotations], np.bool_),
        keypoints=labels[..., :2],
        visible=(labels[..., 2] > 0) & counted[:, None],
        areas=np.array([annotation["area"] for annotation in annotations], np.float32),
    )

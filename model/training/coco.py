"""People labelled with keypoints, read from COCO-format annotation files.

Besides COCO's own keys, an annotation may hold `keypoint_scores`: K numbers in 0..1 that say how sure each label is.
They become the weights of its keypoints, as labels made by a network deserve.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import FloatArray, IntArray
from model.errors import DatasetError
from model.training.annotation_file import finite, images_of, people_of, read_annotations, size_of


@dataclass(frozen=True)
class People:
    """Everybody labelled in one annotation file: M pictures, N people, K keypoints.

    Attributes:
        pictures: M picture files.
        picture_sizes: (M, 2) width, height.
        picture_of: (N,) index into `pictures`.
        boxes: (N, 4) x1, y1, x2, y2, clipped to the picture.
        keypoints: (N, K, 2) x, y in picture pixels; 0, 0 where unlabelled.
        weights: (N, K) in 0..1; 0 where unlabelled.
    """

    pictures: tuple[Path, ...]
    picture_sizes: IntArray
    picture_of: IntArray
    boxes: FloatArray
    keypoints: FloatArray
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.boxes)


def read_people(annotations: Path, images: Path, keypoints: int) -> People:
    """Read an annotation file; people without a labelled keypoint, crowds and pictures without people are left out.

    Args:
        annotations: COCO-format JSON file.
        images: Folder that the file names in it start from.
        keypoints: K, the number of keypoints that every person must have.

    Raises:
        DatasetError: The file is missing, is not COCO-format, labels another number of keypoints, or labels nobody.
    """
    return read_annotations(
        annotations,
        lambda content: _people(content, annotations, images, keypoints),
        "images and annotations with bbox and keypoints",
    )


def _people(content: dict[str, Any], annotations: Path, images: Path, keypoints: int) -> People:
    by_id = images_of(content)
    index_of: dict[Any, int] = {}
    sizes: dict[Any, tuple[int, int]] = {}
    picture_of: list[int] = []
    boxes, points, weights = [], [], []
    for annotation in people_of(content):
        labels = np.asarray(annotation.get("keypoints") or [0.0] * (3 * keypoints), np.float32)
        if annotation.get("iscrowd") or not (labels[2::3] > 0).any():
            continue
        if labels.size != 3 * keypoints:
            raise DatasetError(
                f"{annotations}: annotation {annotation.get('id')} has {labels.size / 3:g} keypoints where the network "
                f"has {keypoints}; choose another data set or number of keypoints"
            )
        labels = labels.reshape(keypoints, 3)
        visible = labels[:, 2] > 0
        scores = np.asarray(annotation.get("keypoint_scores", np.ones(keypoints)), np.float32)
        if scores.shape != (keypoints,):
            raise DatasetError(
                f"{annotations}: annotation {annotation.get('id')} has {scores.size} keypoint_scores for {keypoints} "
                "keypoints; give one score for each"
            )
        if annotation["image_id"] not in by_id:
            raise DatasetError(
                f"{annotations}: annotation {annotation.get('id')} names image {annotation['image_id']}, "
                "which is not among the images; correct the file"
            )
        image = by_id[annotation["image_id"]]
        if image["id"] not in sizes:
            sizes[image["id"]] = size_of(image, images / image["file_name"])
        x, y, width, height = (finite(annotation, "bbox", each) for each in annotation["bbox"])
        box = np.array([x, y, x + width, y + height], np.float32)
        limits = np.array(sizes[image["id"]] * 2, np.float32) - 1
        picture_of.append(index_of.setdefault(image["id"], len(index_of)))
        boxes.append(np.clip(box, 0, limits))
        # Some tools write null for the place of one that is not labelled.
        points.append(np.where(visible[:, None], labels[:, :2], 0))
        weights.append(np.where(visible, np.clip(scores, 0, 1), 0))
        for key, values in (("keypoints", points[-1]), ("keypoint_scores", weights[-1])):
            if not np.isfinite(values).all():
                raise ValueError(f"annotation {annotation.get('id')} has numbers in its {key} that are none")
    if not boxes:
        raise DatasetError(f"{annotations} labels nobody's keypoints; choose a data set with keypoints")
    chosen = [by_id[image_id] for image_id in index_of]
    return People(
        pictures=tuple(images / image["file_name"] for image in chosen),
        picture_sizes=np.array([sizes[image_id] for image_id in index_of], np.int64),
        picture_of=np.array(picture_of, np.int64),
        boxes=np.stack(boxes).astype(np.float32),
        keypoints=np.stack(points).astype(np.float32),
        weights=np.stack(weights).astype(np.float32),
    )

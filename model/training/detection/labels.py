"""Boxes of people, read from COCO-format annotation files.

Besides COCO's own keys, an annotation may hold `bbox_score` in 0..1: how sure the label is.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import FloatArray, IntArray
from model.errors import DatasetError
from model.training.annotation_file import finite, images_of, people_of, read_annotations, size_of


@dataclass(frozen=True, eq=False)
class LabelledBoxes:
    """The boxes of one annotation file: M pictures, G people in a picture.

    Attributes:
        pictures: M picture files, those without people among them.
        sizes: (M, 2) width, height.
        boxes: M arrays (G, 4) x1, y1, x2, y2, clipped to the picture.
        scores: M arrays (G,): how sure each label is; 1 where the file does not say, 0 for a crowd.
    """

    pictures: tuple[Path, ...]
    sizes: IntArray
    boxes: tuple[FloatArray, ...]
    scores: tuple[FloatArray, ...]

    def __len__(self) -> int:
        return len(self.pictures)


def read_boxes(annotations: Path, images: Path) -> LabelledBoxes:
    """Read an annotation file for detection.

    Args:
        annotations: COCO-format JSON file of people.
        images: Folder that the file names in it start from.

    Raises:
        DatasetError: The file is missing, is not COCO-format, or lists no pictures.
    """
    labelled = read_annotations(
        annotations, lambda content: _labelled(content, images), "images and annotations with bbox"
    )
    if not labelled:
        raise DatasetError(f"{annotations} lists no pictures; give another file")
    return labelled


def _labelled(content: dict[str, Any], images: Path) -> LabelledBoxes:
    by_id = images_of(content)
    rows: dict[Any, list[tuple[float, ...]]] = {image_id: [] for image_id in by_id}
    for annotation in people_of(content):
        x, y, width, height = (finite(annotation, "bbox", each) for each in annotation["bbox"])
        score = finite(annotation, "bbox_score", annotation.get("bbox_score", 1.0))
        sure = 0.0 if annotation.get("iscrowd") else score
        rows[annotation["image_id"]].append((x, y, x + width, y + height, sure))
    paths = tuple(images / image["file_name"] for image in by_id.values())
    sizes = np.array([*map(size_of, by_id.values(), paths)], np.int64).reshape(-1, 2)
    boxes, scores = [], []
    for size, found in zip(sizes, rows.values(), strict=True):
        table = np.array(found, np.float32).reshape(-1, 5)
        clipped = np.clip(table[:, :4], 0, np.tile(size, 2)).astype(np.float32)
        real = np.all(clipped[:, 2:] > clipped[:, :2], axis=1)
        boxes.append(clipped[real])
        scores.append(np.clip(table[real, 4], 0, 1))
    return LabelledBoxes(paths, sizes, tuple(boxes), tuple(scores))

"""Boxes of people that a detector found beforehand, from a file of COCO detection results.

The published figures of pose networks on COCO stand on such a file, COCO_val2017_detections_AP_H_56_person.json.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import FloatArray, UInt8Array
from model.errors import DatasetError
from model.training.annotation_file import PERSON
from model.training.evaluate import Detect
from model.training.labelled_pictures import LabelledPicture, LabelledPictures


def read_boxes(path: Path, labelled: LabelledPictures) -> Detect:
    """The boxes of a file, as what finds people in the labelled pictures.

    All boxes of people count, weak ones too, and none is clipped to its picture, as in mmpose.

    Args:
        path: JSON list of image_id, category_id, bbox (x, y, width, height) and score.
        labelled: The pictures that the boxes are of.

    Raises:
        DatasetError: The file is absent, malformed, of other pictures, or scores beyond 1.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
        numbers = np.array([[*found["bbox"], found["score"]] for found in rows], np.float64).reshape(len(rows), 5)
        if not np.isfinite(numbers).all():
            raise ValueError("a box or a score is no number")
        by_image: dict[Any, list[int]] = {picture.image_id: [] for picture in labelled.pictures}
        for index, found in enumerate(rows):
            if found["category_id"] in (*labelled.categories, PERSON) and found["image_id"] in by_image:
                by_image[found["image_id"]].append(index)
    except OSError as error:
        raise DatasetError(
            f"cannot read boxes {path}: {error.strerror}; give --boxes gt, detector or a file of boxes"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path} is not a file of COCO detection results ({type(error).__name__}: {error}); "
            "it needs a list of image_id, category_id, bbox and score"
        ) from error
    if not any(by_image.values()):
        raise DatasetError(
            f"{path} has no boxes of people in the labelled pictures; give the file that belongs to them"
        )
    scores = numbers[:, 4].astype(np.float32)
    if scores.max() > 1:
        raise DatasetError(f"{path} has scores up to {scores.max():g}; give scores in 0..1")
    corners = numbers[:, :4].astype(np.float32)
    corners[:, 2:] += corners[:, :2]

    def detect(picture: LabelledPicture, _: UInt8Array) -> tuple[FloatArray, FloatArray]:
        there = by_image[picture.image_id]
        return corners[there], scores[there]

    return detect

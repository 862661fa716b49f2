"""Boxes of people that a detector found beforehand, from a file of COCO detection results.

The published figures of pose networks on COCO stand on such a file, COCO_val2017_detections_AP_H_56_person.json.
"""

import json
from pathlib import Path

import numpy as np

from model.arrays import FloatArray, UInt8Array
from model.errors import DatasetError
from model.training.evaluate import Detect
from model.training.labelled_pictures import LabelledPicture, LabelledPictures

_PERSON = 1  # COCO's category


def read_boxes(path: Path, labelled: LabelledPictures) -> Detect:
    """The boxes of a file, as what finds people in the labelled pictures.

    All boxes of people count, weak ones too, and none is clipped to its picture, as in mmpose.

    Args:
        path: JSON list of image_id, category_id, bbox (x, y, width, height) and score.
        labelled: The pictures that the boxes are of.

    Raises:
        DatasetError: The file is absent, malformed or of other pictures.
    """
    try:
        rows = [
            (int(found["image_id"]), [float(number) for number in found["bbox"]], float(found["score"]))
            for found in json.loads(path.read_text(encoding="utf-8"))
            if found["category_id"] == _PERSON
        ]
        corners = np.array([box for _, box, _ in rows], np.float32).reshape(len(rows), 4)
    except OSError as error:
        raise DatasetError(
            f"cannot read boxes {path}: {error.strerror}; give --boxes gt, detector or a file of boxes"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path} is not a file of COCO detection results ({type(error).__name__}: {error}); "
            "it needs a list of image_id, category_id, bbox and score"
        ) from error
    corners[:, 2:] += corners[:, :2]
    image_ids = np.array([image_id for image_id, _, _ in rows], np.int64)
    scores = np.array([score for _, _, score in rows], np.float32)
    if not np.isin(image_ids, [picture.image_id for picture in labelled.pictures]).any():
        raise DatasetError(
            f"{path} has no boxes of people in the labelled pictures; give the file that belongs to them"
        )

    def detect(picture: LabelledPicture, _: UInt8Array) -> tuple[FloatArray, FloatArray]:
        there = image_ids == picture.image_id
        return corners[there], scores[there]

    return detect

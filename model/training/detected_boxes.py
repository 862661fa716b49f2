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

_ROUNDING = 1e-4  # of scores in single precision


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
        by_image: dict[str, list[list[float]]] = {str(picture.image_id): [] for picture in labelled.pictures}
        for found in json.loads(path.read_text(encoding="utf-8-sig")):
            if found["category_id"] in labelled.categories and str(found["image_id"]) in by_image:
                by_image[str(found["image_id"])].append([float(each) for each in (*found["bbox"], found["score"])])
        tables = {name: np.array(rows, np.float64).reshape(len(rows), 5) for name, rows in by_image.items()}
        if not all(np.isfinite(table).all() for table in tables.values()):
            raise ValueError("a box or a score is no number")
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
    best = max(table[:, 4].max() for table in tables.values() if len(table))
    if best > 1 + _ROUNDING:
        raise DatasetError(f"{path} has scores up to {best:g}; give scores in 0..1")

    def detect(picture: LabelledPicture, _: UInt8Array) -> tuple[FloatArray, FloatArray]:
        table = tables[str(picture.image_id)].astype(np.float32)
        table[:, 2:4] += table[:, :2]
        return table[:, :4], np.minimum(table[:, 4], 1)

    return detect

"""Keypoints in the COCO results format, which COCO's evaluation code reads."""

import json
from collections.abc import Sequence
from pathlib import Path

from app.results import FrameResult
from app.sinks.append_file import AppendFile
from app.sinks.rounding import rounded_box, rounded_keypoints, rounded_score

_PERSON_CATEGORY = 1


class KeypointsCocoSink(AppendFile):
    """Writes a JSON list with an entry a person: image_id, category_id, keypoints [x, y, score] * K, score, bbox.

    The list is complete, and the file valid JSON, after every frame. Boxes are [x, y, width, height].
    """

    def __init__(self, path: Path, image_ids: Sequence[int] | None = None) -> None:
        """Create the file with an empty list.

        Args:
            path: The file; one that exists is replaced.
            image_ids: Image ids by frame index; None for the frame indices themselves.

        Raises:
            SinkError: It cannot be created or written.
        """
        self._image_ids = image_ids
        self._separator = "\n"
        super().__init__(path, b"[", tail=b"\n]\n")

    def write(self, result: FrameResult) -> None:
        image_id = result.frame_index if self._image_ids is None else self._image_ids[result.frame_index]
        record = ""
        separator = self._separator
        for person in result.persons:
            x1, y1, x2, y2 = rounded_box(person.box)
            entry = {
                "image_id": image_id,
                "category_id": _PERSON_CATEGORY,
                "keypoints": [value for keypoint in rounded_keypoints(person) for value in keypoint],
                "score": rounded_score(person.score),
                "bbox": [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
            }
            record += separator + json.dumps(entry, allow_nan=False)
            separator = ",\n"
        self.append(record.encode())
        self._separator = separator

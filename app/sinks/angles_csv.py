"""Joint angles as a table: a row an angle."""

import csv
import io
from pathlib import Path

import numpy as np

from app.angles import ANGLE_JOINTS, joint_angles
from app.results import FrameResult
from app.sinks import unknown_suffix
from app.sinks.append_file import AppendFile
from app.sinks.rounding import rounded_time
from model.skeletons import Skeleton

ANGLE_SUFFIXES = (".csv",)


class AnglesCsvSink(AppendFile):
    """Writes rows of frame, time_s, person, joint, degrees.

    Every person of a frame has a row for each of ANGLE_JOINTS; degrees is empty where the angle is unknown. A frame
    with nobody in it has no row.

    Args:
        path: The file; one that exists is replaced.
        skeleton: Convention of the keypoints.
        threshold: An angle with a keypoint scored lower is unknown.
    """

    def __init__(self, path: Path, skeleton: Skeleton, threshold: float) -> None:
        """Create the file with its row of column names.

        Raises:
            SinkError: It is no .csv, or cannot be created or written.
        """
        if path.suffix.lower() not in ANGLE_SUFFIXES:
            raise unknown_suffix(path, ANGLE_SUFFIXES)
        self._skeleton = skeleton
        self._threshold = threshold
        super().__init__(path, b"frame,time_s,person,joint,degrees\n")

    def write(self, result: FrameResult) -> None:
        """Add everybody of a frame.

        Raises:
            SinkError: It cannot be written; the file ends with the frame before.
        """
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        time_s = rounded_time(result.time_s)
        for person in result.persons:
            angles = joint_angles(person.keypoints, person.scores, self._skeleton, self._threshold)
            for joint, degrees in zip(ANGLE_JOINTS, angles.astype(np.float64), strict=True):
                shown = "" if np.isnan(degrees) else round(float(degrees), 2)
                rows.writerow([result.frame_index, time_s, person.track_id, joint, shown])
        self.append(text.getvalue().encode())

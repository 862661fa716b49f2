"""Keypoints as a table: a row a keypoint."""

import csv
import io
from pathlib import Path

from app.results import FrameResult
from app.sinks.append_file import AppendFile
from app.sinks.rounding import rounded_keypoints, rounded_time


class KeypointsCsvSink(AppendFile):
    """Writes rows of frame, time_s, person, keypoint, x, y, score; a frame with nobody in it has none."""

    def __init__(self, path: Path, keypoint_names: tuple[str, ...]) -> None:
        """Create the file with its row of column names.

        Raises:
            SinkError: It cannot be created or written.
        """
        self._keypoint_names = keypoint_names
        super().__init__(path, b"frame,time_s,person,keypoint,x,y,score\n")

    def write(self, result: FrameResult) -> None:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        time_s = rounded_time(result.time_s)
        for person in result.persons:
            for name, keypoint in zip(self._keypoint_names, rounded_keypoints(person), strict=True):
                rows.writerow([result.frame_index, time_s, person.track_id, name, *keypoint])
        self.append(text.getvalue().encode())

"""The native keypoint file: a header line, then a line of JSON a frame."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.results import FrameResult
from app.sinks.append_file import AppendFile
from app.sinks.rounding import rounded_box, rounded_keypoints, rounded_score, rounded_time

_FORMAT = "lite-hrnet-live"
_VERSION = 1


@dataclass(frozen=True)
class KeypointsHeader:
    """What a keypoint file says about its source.

    Attributes:
        source: Name of the source.
        width: Of its frames, in pixels; of the first one where a folder's pictures differ.
        height: The same.
        fps: Its nominal frame rate; None where unknown.
        model: Weight set that found the keypoints.
        detector: What found the people.
        keypoint_names: K names, in the order of every person's keypoints.
        skeleton: Pairs of keypoint indices joined by a limb.
    """

    source: str
    width: int
    height: int
    fps: float | None
    model: str
    detector: str
    keypoint_names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]


class KeypointsJsonlSink(AppendFile):
    """Writes the native keypoint file (.jsonl), a line for every frame, also for one with nobody in it."""

    def __init__(self, path: Path, header: KeypointsHeader) -> None:
        """Create the file with its header.

        Raises:
            SinkError: It cannot be created or written.
        """
        super().__init__(path, _line(header_json(header)))
        self._size = header.height, header.width

    def write(self, result: FrameResult) -> None:
        self.append(_line(result_json(result, self._size)))


def header_json(header: KeypointsHeader) -> str:
    """The header as one line of JSON, without a line end."""
    return _json({"format": _FORMAT, "version": _VERSION} | vars(header))


def result_json(result: FrameResult, stated_size: tuple[int, int] | None = None) -> str:
    """A frame as one line of JSON, without a line end.

    A picture of a folder is named, with its size; of other frames the size is given where it is another than the stated
    one, as where a camera has come back in another mode.

    Args:
        result: Of the frame.
        stated_size: (height, width) that the header states; None where a new size brings a new header.
    """
    persons = [
        {
            "id": person.track_id,
            "box": rounded_box(person.box),
            "box_score": rounded_score(person.box_score),
            "score": rounded_score(person.score),
            "keypoints": rounded_keypoints(person),
        }
        for person in result.persons
    ]
    frame: dict[str, Any] = {"frame": result.frame_index, "time_s": rounded_time(result.time_s)}
    if result.picture is not None:
        frame |= {"picture": result.picture}
    if result.picture is not None or result.image_size != (stated_size or result.image_size):
        height, width = result.image_size
        frame |= {"width": width, "height": height}
    return _json(frame | {"persons": persons})


def _json(fields: dict[str, Any]) -> str:
    # A file name with bytes that are no text becomes a JSON escape instead of an error.
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace").decode()


def _line(text: str) -> bytes:
    return f"{text}\n".encode()

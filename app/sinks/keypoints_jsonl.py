"""The native keypoint file: a header line, then a line of JSON a frame."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import SourceError
from app.results import FrameResult, Person
from app.sinks.append_file import AppendFile
from app.sinks.rounding import rounded_box, rounded_keypoints, rounded_score, rounded_time

_FORMAT = "lite-hrnet-live"
_VERSION = 1


@dataclass(frozen=True)
class KeypointsHeader:
    """What a keypoint file says about its source.

    Attributes:
        source: Name of the source.
        width: Of its frames, in pixels.
        height: Of its frames, in pixels.
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

    def write(self, result: FrameResult) -> None:
        self.append(_line(result_json(result)))


def header_json(header: KeypointsHeader) -> str:
    """The header as one line of JSON, without a line end."""
    return _json({"format": _FORMAT, "version": _VERSION} | vars(header))


def result_json(result: FrameResult) -> str:
    """A frame as one line of JSON, without a line end."""
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
    return _json({"frame": result.frame_index, "time_s": rounded_time(result.time_s), "persons": persons})


def read_keypoints_jsonl(path: Path) -> tuple[KeypointsHeader, list[FrameResult]]:
    """Read a native keypoint file back. A last line without an end, as a killed process may leave, is left out.

    Raises:
        SourceError: The file cannot be read, or a line is not what the format says.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read {path}: {error}; give a keypoint file (.jsonl)") from error
    lines = text.split("\n")[:-1]  # what follows the last line end is empty, or a line cut short
    number = 0
    try:
        fields = json.loads(lines[0]) if lines else {}
        if fields.pop("format", None) != _FORMAT or fields.pop("version", None) != _VERSION:
            raise SourceError(f"{path} is not a {_FORMAT} keypoint file of version {_VERSION}; give one of those")
        fields["keypoint_names"] = tuple(fields["keypoint_names"])
        fields["skeleton"] = tuple((a, b) for a, b in fields["skeleton"])
        header = KeypointsHeader(**fields)
        results = []
        for number, line in enumerate(lines[1:], start=1):  # noqa: B007  (the error names it)
            results.append(_result(json.loads(line), header))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{path}, line {number + 1} is damaged ({error}); export the keypoints again") from error
    return header, results


def _result(fields: dict[str, Any], header: KeypointsHeader) -> FrameResult:
    persons = tuple(_person(person, len(header.keypoint_names)) for person in fields["persons"])
    return FrameResult(fields["frame"], fields["time_s"], (header.height, header.width), persons)


def _person(fields: dict[str, Any], keypoints: int) -> Person:
    values = np.array(fields["keypoints"], np.float32).reshape(keypoints, 3)
    box = np.array(fields["box"], np.float32)
    return Person(fields["id"], box, fields["box_score"], values[:, :2], values[:, 2], fields["score"])


def _json(fields: dict[str, Any]) -> str:
    # A file name with bytes that are no text becomes a JSON escape instead of an error.
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace").decode()


def _line(text: str) -> bytes:
    return f"{text}\n".encode()

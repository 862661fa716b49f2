"""Reading the native keypoint file as a program of somebody else would, from its description in the README."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.results import FrameResult, Person
from app.sinks.keypoints_jsonl import KeypointsHeader


def read_keypoints_jsonl(path: Path) -> tuple[KeypointsHeader, list[FrameResult]]:
    """The header and the frames; every line must be whole, save one that a killed process left without an end."""
    first, *lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    fields = json.loads(first)
    assert (fields.pop("format"), fields.pop("version")) == ("lite-hrnet-live", 1)
    fields["keypoint_names"] = tuple(fields["keypoint_names"])
    fields["skeleton"] = tuple((a, b) for a, b in fields["skeleton"])
    header = KeypointsHeader(**fields)
    return header, [_result(json.loads(line), header) for line in lines]


def _result(fields: dict[str, Any], header: KeypointsHeader) -> FrameResult:
    persons = tuple(_person(person, len(header.keypoint_names)) for person in fields["persons"])
    size = fields.get("height", header.height), fields.get("width", header.width)
    return FrameResult(fields["frame"], fields["time_s"], size, persons, picture=fields.get("picture"))


def _person(fields: dict[str, Any], keypoints: int) -> Person:
    values = np.array(fields["keypoints"], np.float32).reshape(keypoints, 3)
    box = np.array(fields["box"], np.float32)
    return Person(fields["id"], box, fields["box_score"], values[:, :2], values[:, 2], fields["score"])

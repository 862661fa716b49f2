"""Made MPII annotations, in the layouts of the official .mat and of mmpose's files.

Three people in two training pictures, and a test picture without labels. Coordinates are the files' own, from 1.
"""

import json
from pathlib import Path

import numpy as np
from scipy.io import savemat

NONE = np.empty((0, 0))
CENTRES = [(301.0, 201.0), (101.0, 151.0), (401.0, 161.0)]
SCALES = [2.0, 1.0, 1.5]
HEADS = [(281.0, 61.0, 311.0, 101.0), (91.0, 51.0, 151.0, 131.0), (391.0, 71.0, 409.0, 95.0)]
"""x1, y1, x2, y2 with diagonals 50, 100 and 30: head sizes 30, 60 and 18."""
PICTURES = ["015601864.jpg", "사람 2.jpg", "사람 2.jpg"]
LABELLED = [list(range(16)), list(range(1, 16)), [0, 6, 7, 8, 9, 12]]
"""Keypoints with a label: all, all but the right ankle, and a few."""


def joints(person: int) -> np.ndarray:
    """(16, 2), whole numbers, so that distances by hand are exact."""
    return np.random.default_rng(person).integers(40, 200, (16, 2)).astype(float)


def struct(*rows: dict[str, object]) -> np.ndarray:
    """A MATLAB structure array, 1xN; a field that a row lacks is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    array = np.empty((1, len(rows)), [(name, object) for name in names])
    for index, row in enumerate(rows):
        for name in names:
            array[0, index][name] = row.get(name, NONE)
    return array


def person(index: int) -> dict[str, object]:
    x1, y1, x2, y2 = HEADS[index]
    points = [
        {"x": x, "y": y, "id": number, "is_visible": number % 2}
        for number, (x, y) in enumerate(joints(index))
        if number in LABELLED[index]
    ]
    return {
        "x1": x1, "y1": y1, "x2": x2, "y2": y2,
        "annopoints": struct({"point": struct(*points)}),
        "scale": SCALES[index],
        "objpos": struct({"x": CENTRES[index][0], "y": CENTRES[index][1]}),
    }  # fmt: skip


def write_release(path: Path) -> Path:
    """mpii_human_pose_v1_u12_1.mat: the third person, beside somebody without labelled joints, does not count."""
    unlabelled = {"x1": 1.0, "y1": 1.0, "x2": 9.0, "y2": 9.0}
    pictures = struct(
        {"image": struct({"name": PICTURES[0]}), "annorect": struct(person(0)), "frame_sec": NONE},
        {
            "image": struct({"name": PICTURES[1]}),
            "annorect": struct(person(1), unlabelled, person(2)),
            "frame_sec": 3.0,
        },
        {
            "image": struct({"name": "test.jpg"}),
            "annorect": struct({"scale": 1.0, "objpos": struct({"x": 1.0, "y": 1.0})}),
        },
    )
    single = np.empty((3, 1), object)
    single[:, 0] = [np.array([[1]]), np.array([[1]]), NONE]
    release = {"annolist": pictures, "img_train": np.array([[1, 1, 0]]), "version": "12", "single_person": single}
    savemat(path, {"RELEASE": release})
    return path


def write_json(path: Path) -> Path:
    """mpii_val.json, without head boxes."""
    rows = []
    for index in range(3):
        seen = np.isin(np.arange(16), LABELLED[index])
        points = np.where(seen[:, None], joints(index), -1)
        rows.append(
            {
                "joints_vis": seen.astype(int).tolist(), "joints": points.tolist(), "image": PICTURES[index],
                "scale": SCALES[index], "center": CENTRES[index],
            }
        )  # fmt: skip
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def write_head_boxes(path: Path, people: int = 3) -> Path:
    """mpii_gt_val.mat: corners in (corner, coordinate, person)."""
    corners = np.array(HEADS[:people]).reshape(people, 2, 2).transpose(1, 2, 0)
    savemat(path, {"headboxes_src": corners})
    return path

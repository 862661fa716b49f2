"""Training on MPII's annotations, measured by PCKh."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from model.checkpoints import read_metadata
from model.errors import DatasetError
from model.training.config_file import load_config
from model.training.progress import Report
from model.training.train import train
from tests.model.training.mpii_labels import PICTURES, write_head_boxes, write_json, write_release


def write_config(folder: Path, keypoints: int = 16) -> Path:
    rng = np.random.default_rng(0)
    for name in set(PICTURES):
        cv2.imencode(".jpg", rng.integers(0, 255, (300, 500, 3), np.uint8))[1].tofile(folder / name)
    write_json(folder / "mpii_train.json")
    write_head_boxes(folder / "mpii_gt_val.mat")
    phase = {"images": 8, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3}
    content = {
        "name": "mpii", "network": "naive-lite-hrnet-18", "keypoints": keypoints, "workers": 0, "threads": 1,
        "sets": [
            {"annotations": "mpii_train.json", "images": "."},
            {"annotations": write_release(folder / "release.mat").name, "images": "."},
        ],
        "validation": {"annotations": "mpii_train.json", "images": "."},
        "device": "cpu", "runs": str(folder / "runs"), "phases": [phase],
    }  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def silent(*_: object) -> None:
    """Hears of progress."""


def test_network_of_sixteen_keypoints_trains_and_is_measured(tmp_path: Path) -> None:
    losses: list[float] = []
    report = Report(lambda progress: losses.append(progress.losses["loss"]), silent, silent)
    folder = train(load_config(write_config(tmp_path)), report)
    assert len(losses) == 2
    assert np.isfinite(losses).all()
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert 0 <= float(row["PCKh"]) <= 1
    assert {f"PCKh_{joint}" for joint in ("head", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")} <= row.keys()
    metadata = read_metadata(folder / "best.safetensors")
    assert metadata["keypoints"] == "16"
    assert float(metadata["PCKh"]) == pytest.approx(float(row["PCKh"]))


def test_network_of_other_keypoints_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="set keypoints: 16"):
        train(load_config(write_config(tmp_path, keypoints=17)), Report(silent, silent, silent))

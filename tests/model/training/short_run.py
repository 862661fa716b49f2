"""Runs of a few steps on a toy data set, for tests of training."""

from pathlib import Path
from typing import Any, cast

import torch
import yaml

from model.checkpoints import save_safetensors
from model.networks import build_network
from model.training.config_file import load_config
from model.training.progress import Progress, Report
from model.training.train import train
from tests.model.training.toy import write_toy_set


def write_data(folder: Path) -> None:
    """Write a toy set, another one to validate on, and a teacher's weights."""
    write_toy_set(folder, 12)
    (folder / "held-out").mkdir()
    write_toy_set(folder / "held-out", 3, seed=1)
    torch.manual_seed(0)
    teacher = build_network("wider-naive-lite-hrnet-18", 17)
    save_safetensors(teacher.state_dict(), folder / "teacher.safetensors", {})


def write_config(data: Path, folder: Path, name: str, **changes: Any) -> Path:
    toy = {"annotations": str(data / "annotations.json"), "images": str(data)}
    held_out = {"annotations": str(data / "held-out" / "annotations.json"), "images": str(data / "held-out")}
    phase = {"input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3, "schedule": {"warmup_steps": 1}}
    teacher = {"network": "wider-naive-lite-hrnet-18", "weights": str(data / "teacher.safetensors")}
    content = {
        "name": name, "network": "lite-hrnet-18", "sets": [toy], "validation": held_out, "validate_every": 16,
        "workers": 0, "threads": 1, "device": "cpu",
        "runs": str(folder), "cache": str(folder / "cache"),
        "phases": [
            phase | {"images": 8, "teacher": teacher | {"fed": True}},
            phase | {"images": 12, "teacher": teacher | {"features": 0.5}},
            phase | {"images": 4},
        ],
    }  # fmt: skip
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content | changes), encoding="utf-8")
    return path


def run(config: Path, max_minutes: float | None = None) -> tuple[Path, list[Progress]]:
    steps: list[Progress] = []
    report = Report(steps.append, lambda metrics: None, lambda name, done, total: None)
    return train(load_config(config), report, max_minutes), steps


def averaged(folder: Path, images: int = 24) -> dict[str, Any]:
    state = torch.load(folder / "last.pt", weights_only=True)
    assert state["images"] == images
    return cast(dict[str, Any], state["average"])

"""Phases of a training run: how they end, what they keep and what they reach."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from model.checkpoints import read_checkpoint, save_safetensors
from model.errors import ConfigError
from model.networks import build_network
from model.training.config_file import load_config
from model.training.objective import normalise
from model.training.progress import Report
from model.training.runfolder import RunFolder
from model.training.train import task_of
from tests.model.training.short_run import averaged, run, write_config
from tests.model.training.toy import write_toy_set

pytestmark = pytest.mark.usefixtures("shallow_networks")
ROOT = Path(__file__).parents[3]


def test_a_phase_may_end_by_the_clock(data: Path, tmp_path: Path) -> None:
    phases = [
        {"images": 4, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3},
        {"images": 400_000, "minutes": 0.02, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3},
    ]
    config = write_config(data, tmp_path, "clock", phases=phases)
    folder, steps = run(config)
    seen = steps[-1].images
    assert 4 < seen < 400
    assert all(step.seconds_left < 1.2 for step in steps[1:])
    with (folder / "metrics.csv").open(newline="") as file:
        assert float(list(csv.DictReader(file))[-1]["images"]) == seen
    _, more = run(config)
    assert more == []
    with pytest.raises(ConfigError, match="last phase alone"):
        load_config(write_config(data, tmp_path, "wrong", phases=phases[::-1]))


def test_statistics_can_be_frozen_while_all_else_learns(data: Path, tmp_path: Path) -> None:
    start = build_network("lite-hrnet-18", 17).train()
    for module in start.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    start(torch.rand(4, 3, 64, 64))  # statistics of some pictures, without which no signal passes
    save_safetensors(start.state_dict(), tmp_path / "start.safetensors", {})
    phase = {"input_size": "64x64", "batch_size": 4, "learning_rate": 1e-2, "images": 8, "frozen_statistics": True}
    changes: dict[str, Any] = {"phases": [phase], "init_from": str(tmp_path / "start.safetensors"), "validation": None}
    folder, _ = run(write_config(data, tmp_path, "frozen", **changes))
    after = torch.load(folder / "last.pt", weights_only=True)["network"]
    for name, tensor in start.state_dict().items():
        frozen = name.endswith(("running_mean", "running_var", "num_batches_tracked"))
        assert torch.equal(tensor, after[name]) == frozen, name


def test_at_the_end_statistics_are_taken_of_the_averaged_weights(data: Path, tmp_path: Path) -> None:
    phase = {"input_size": "64x64", "batch_size": 4, "learning_rate": 1e-2, "images": 8, "statistics_from": 8}
    folder, _ = run(write_config(data, tmp_path, "taken", phases=[phase], validation=None))
    average = averaged(folder, 8)
    config = load_config(tmp_path / "taken.yaml")
    task = task_of(config, RunFolder(config), "cpu")
    task.open_sets(Report(lambda progress: None, lambda metrics: None, lambda name, done, total: None))
    first = "backbone.stem.conv1"
    outputs = [
        torch.nn.functional.conv2d(normalise(next(iter(batch))), average[f"{first}.conv.weight"], stride=2, padding=1)
        for batch in task.batches(0, 0, 8, 0, 1, False)
    ]
    assert len(outputs) == 2
    means = torch.stack([output.mean((0, 2, 3)) for output in outputs]).mean(0)
    variances = torch.stack([output.var((0, 2, 3)) for output in outputs]).mean(0)
    torch.testing.assert_close(average[f"{first}.bn.running_mean"], means, rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(average[f"{first}.bn.running_var"], variances, rtol=1e-3, atol=1e-9)
    kept = read_checkpoint(folder / "weights.safetensors")
    torch.testing.assert_close(kept[f"{first}.bn.running_mean"], average[f"{first}.bn.running_mean"])


def test_what_interrupts_the_last_validation_does_not_leave_a_run_without_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phase = {"input_size": "64x64", "batch_size": 4, "learning_rate": 1e-2, "images": 8, "statistics_from": 8}
    expected = read_checkpoint(run(write_config(data, tmp_path, "straight", phases=[phase]))[0] / "weights.safetensors")

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    config = write_config(data, tmp_path, "interrupted", phases=[phase])
    for place in ("model.training.train.take_statistics", "model.training.pose_task.PoseTask.validate"):
        with monkeypatch.context() as patched:
            patched.setattr(place, interrupted)
            with pytest.raises(KeyboardInterrupt):
                run(config)
    folder, steps = run(config)
    assert steps == []
    for name, tensor in read_checkpoint(folder / "weights.safetensors").items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-6, msg=name)
    with (folder / "metrics.csv").open(newline="") as file:
        assert [float(row["images"]) for row in csv.DictReader(file)] == [8]


def test_training_finds_keypoints_that_it_has_not_seen(tmp_path: Path) -> None:
    """The shrunken version of training on 200 rendered pictures (CONTRIBUTING.md): drawn figures, 90 steps."""
    (tmp_path / "held-out").mkdir()
    paths = [write_toy_set(tmp_path, 100, 0, loose=0.25), write_toy_set(tmp_path / "held-out", 25, 1, loose=0.25)]
    toy, held_out = ({"annotations": str(path), "images": str(path.parent)} for path in paths)
    steady = {"half_body": 0, "rotation_deg": 0, "flip": 0, "scale": 0.1, "shift": 0.25}
    phase = {
        "images": 720, "input_size": "64x64", "batch_size": 8, "learning_rate": 5e-3, "vector_rate": 5,
        "schedule": {"warmup_steps": 10}, "augmentation": steady,
    }  # fmt: skip
    config = write_config(
        tmp_path, tmp_path, "figures", sets=[toy], validation=held_out, validate_every=720, phases=[phase]
    )
    folder, _ = run(config)
    with (folder / "metrics.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    # Guessing every keypoint's mean place in the box gives 0.33.
    assert float(row["pck"]) >= 0.9


def test_processes_train_together(data: Path, tmp_path: Path) -> None:
    phase = {"images": 16, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3}
    config = write_config(data, tmp_path, "together", phases=[phase], validation=None)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    outcome = subprocess.run(
        [*launcher, "main.py", "train", str(config)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.splitlines() == [str(tmp_path / "together")]  # one process reports
    state = torch.load(tmp_path / "together" / "last.pt", weights_only=True)
    assert state["images"] == 16
    assert state["average_updates"] == 2  # two steps of two batches

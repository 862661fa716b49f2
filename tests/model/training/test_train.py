import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
import yaml

from model.checkpoints import load_checkpoint, read_checkpoint, read_metadata, save_safetensors
from model.errors import CheckpointError, ConfigError, DatasetError
from model.networks import build_network
from model.training.config_file import load_config
from model.training.objective import normalise
from model.training.progress import Progress, Report
from model.training.runfolder import RunFolder
from model.training.train import task_of, train
from tests.model.training.toy import write_toy_set

ROOT = Path(__file__).parents[3]
SLICE = """
import sys, pathlib
from model.training.config_file import load_config
from model.training.progress import Report
from model.training.train import train

def step(progress):
    print("step", progress.images, flush=True)

train(load_config(pathlib.Path(sys.argv[1])), Report(step, lambda metrics: None, lambda name, done, total: None))
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("그림 data")
    write_toy_set(folder, 12)
    (folder / "held-out").mkdir()
    write_toy_set(folder / "held-out", 3, seed=1)
    torch.manual_seed(0)
    teacher = build_network("wider-naive-lite-hrnet-18", 17)
    save_safetensors(teacher.state_dict(), folder / "teacher.safetensors", {})
    return folder


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


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Progress]]:
    return run(write_config(data, tmp_path_factory.mktemp("whole"), "whole"))


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    data: Path, tmp_path: Path, whole: tuple[Path, list[Progress]]
) -> None:
    config = write_config(data, tmp_path, "killed")
    command = [sys.executable, "-c", SLICE, str(config)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "step 16":  # in the middle of the second phase
                process.kill()
                break
    folder, steps = run(config)
    assert [step.images for step in steps] == [12, 16, 20, 24]  # from the end of the first phase, its last save
    expected = averaged(whole[0])
    for name, tensor in averaged(folder).items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-6, msg=name)


def test_slices_of_limited_time_resume_one_another(
    data: Path, tmp_path: Path, whole: tuple[Path, list[Progress]]
) -> None:
    config = write_config(data, tmp_path, "slices")
    _, first = run(config, max_minutes=1e-6)
    assert len(first) == 1
    folder, rest = run(config)
    assert rest[0].images == 8
    expected = averaged(whole[0])
    for name, tensor in averaged(folder).items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-6, msg=name)


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


def test_a_run_leaves_its_record(whole: tuple[Path, list[Progress]]) -> None:
    folder, steps = whole
    assert [step.images for step in steps] == list(range(4, 25, 4))
    assert all(np.isfinite(float(step.losses["loss"])) for step in steps)
    assert load_config(folder / "config.yaml").name == "whole"
    assert (folder / "revision.txt").read_text().strip()
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["images"]) for row in rows] == [8, 16, 20, 24]
    assert all(0 <= float(row["oks"]) <= 1 for row in rows)
    assert len(list((folder / "predictions").glob("*.jpg"))) == 4
    metadata = read_metadata(folder / "weights.safetensors")
    assert (metadata["network"], metadata["input_size"]) == ("lite-hrnet-18", "64x64")
    load_checkpoint(build_network("lite-hrnet-18", 17), folder / "best.safetensors")


def test_a_finished_run_does_nothing_more(data: Path, whole: tuple[Path, list[Progress]]) -> None:
    before = averaged(whole[0])
    _, steps = run(whole[0].parent / "whole.yaml")
    assert steps == []
    after = averaged(whole[0])
    assert all(bool((after[name] == tensor).all()) for name, tensor in before.items())


def test_another_configuration_does_not_go_on_with_a_run(
    data: Path, tmp_path: Path, whole: tuple[Path, list[Progress]]
) -> None:
    config = write_config(data, whole[0].parent, "whole", seed=1)
    with pytest.raises(ConfigError, match="another configuration"):
        run(config)
    write_config(data, whole[0].parent, "whole")


def test_weights_of_another_run_are_a_start(data: Path, tmp_path: Path, whole: tuple[Path, list[Progress]]) -> None:
    phase = {"images": 4, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-12}
    config = write_config(
        data, tmp_path, "started", init_from=str(whole[0] / "weights.safetensors"), phases=[phase], ema=0
    )
    folder, _ = run(config)
    started, expected = (build_network("lite-hrnet-18", 17) for _ in range(2))
    load_checkpoint(started, folder / "weights.safetensors")
    load_checkpoint(expected, whole[0] / "weights.safetensors")
    for mine, theirs in zip(started.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-6, rtol=1e-6)


def test_weights_to_start_from_may_need_crops_of_the_run_and_are_asked_for_once(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a deeper network's that grows from a shallower one's do (test_growth.py); a run that goes on has them."""
    start, first = tmp_path / "start.safetensors", "backbone.stem.conv1.conv.weight"
    start.touch()

    def grow(network: torch.nn.Module, path: Path, crops: Callable[[], torch.Tensor]) -> None:
        assert path.exists()
        assert crops().shape == (16, 3, 64, 64)
        network.get_parameter(first).data.fill_(0.25)

    monkeypatch.setattr("model.training.train._GROWN_FROM", 16)
    monkeypatch.setattr("model.training.train.start_from", grow)
    phase = {"images": 8, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-12}
    config = write_config(data, tmp_path, "grown", init_from=str(start), phases=[phase], validation=None)
    run(config, max_minutes=0)
    start.unlink()
    folder, steps = run(config)
    assert [step.images for step in steps] == [8]
    kept = read_checkpoint(folder / "weights.safetensors")[first]
    torch.testing.assert_close(kept, torch.full_like(kept, 0.25))


def test_missing_data_and_weights_are_told(data: Path, tmp_path: Path) -> None:
    nowhere = {"annotations": str(tmp_path / "none.json"), "images": str(tmp_path)}
    with pytest.raises(DatasetError, match=r"none\.json"):
        run(write_config(data, tmp_path, "missing", sets=[nowhere]))
    nobody = {"annotations": str(tmp_path / "nobody.json"), "images": str(data)}
    picture = {"id": 1, "file_name": "0001.png", "width": 80, "height": 96}
    Path(nobody["annotations"]).write_text(json.dumps({"images": [picture], "annotations": []}))
    untrained = Report(lambda _: pytest.fail("told too late"), lambda metrics: None, lambda name, done, total: None)
    with pytest.raises(DatasetError, match="nobody in the pictures"):
        train(load_config(write_config(data, tmp_path, "nobody", validation=nobody)), untrained)
    with pytest.raises(CheckpointError, match=r"none\.safetensors"):
        run(write_config(data, tmp_path, "missing", init_from=str(tmp_path / "none.safetensors")))
    assert not (tmp_path / "missing").exists()


def test_training_finds_keypoints_that_it_has_not_seen(tmp_path: Path) -> None:
    """The shrunken version of training on 200 rendered pictures (CONTRIBUTING.md): drawn figures, 120 steps."""
    (tmp_path / "held-out").mkdir()
    paths = [write_toy_set(tmp_path, 100, 0, loose=0.25), write_toy_set(tmp_path / "held-out", 25, 1, loose=0.25)]
    toy, held_out = ({"annotations": str(path), "images": str(path.parent)} for path in paths)
    steady = {"half_body": 0, "rotation_deg": 0, "flip": 0, "scale": 0.1, "shift": 0.25}
    phase = {
        "images": 960, "input_size": "64x64", "batch_size": 8, "learning_rate": 5e-3, "vector_rate": 5,
        "schedule": {"warmup_steps": 10}, "augmentation": steady,
    }  # fmt: skip
    config = write_config(
        tmp_path, tmp_path, "figures", sets=[toy], validation=held_out, validate_every=960, phases=[phase]
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

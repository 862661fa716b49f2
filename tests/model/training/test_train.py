"""Training runs: going on, starting from weights, and what they leave."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model.checkpoints import load_checkpoint, read_checkpoint, read_metadata
from model.errors import CheckpointError, ConfigError, DatasetError
from model.networks import build_network
from model.training.config_file import load_config
from model.training.objective import Objective
from model.training.progress import Progress, Report
from model.training.train import train
from tests.model.training.short_run import averaged, run, write_config

pytestmark = pytest.mark.usefixtures("shallow_networks")
ROOT = Path(__file__).parents[3]
SLICE = """
import pathlib, sys
import pytest
from model.training.config_file import load_config
from model.training.progress import Report
from model.training.train import train
from tests.shallow import make_networks_shallow

def step(progress):
    print("step", progress.images, flush=True)

make_networks_shallow(pytest.MonkeyPatch())
train(load_config(pathlib.Path(sys.argv[1])), Report(step, lambda metrics: None, lambda name, done, total: None))
"""


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


def test_what_was_learnt_beside_the_network_goes_on_too(data: Path, tmp_path: Path) -> None:
    """Adapters to a teacher of another depth are fitted once, not again with every slice."""
    teacher = {
        "network": "wider-naive-lite-hrnet-18", "weights": str(data / "teacher.safetensors"), "features": 1.0,
    }  # fmt: skip
    phase = {"images": 12, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-2, "teacher": teacher}
    changes: dict[str, Any] = {"network": "lite-hrnet-30", "phases": [phase], "validation": None}
    straight, _ = run(write_config(data, tmp_path, "straight", **changes))
    config = write_config(data, tmp_path, "sliced", **changes)
    run(config, max_minutes=1e-6)
    sliced, rest = run(config)
    assert [step.images for step in rest] == [8, 12]
    states = [torch.load(folder / "last.pt", weights_only=True) for folder in (straight, sliced)]
    assert any(name.startswith("adapters.") for name in states[0]["beside"])
    for part in ("network", "beside"):
        for name, tensor in states[0][part].items():
            torch.testing.assert_close(states[1][part][name], tensor, rtol=1e-4, atol=1e-6, msg=name)


def test_adapters_to_another_teacher_are_fitted_anew(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = []
    fit = Objective.fit_adapters
    monkeypatch.setattr(Objective, "fit_adapters", lambda self, crops: (fitted.append(True), fit(self, crops)))
    (tmp_path / "other").mkdir()
    other = shutil.copy(data / "teacher.safetensors", tmp_path / "other")
    places = [data / "teacher.safetensors", data / "teacher.safetensors", other]
    phases = [
        {
            "images": 4, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-2,
            "teacher": {"network": "wider-naive-lite-hrnet-18", "weights": str(place), "features": 1.0},
        }
        for place in places
    ]  # fmt: skip
    run(write_config(data, tmp_path, "taught", network="lite-hrnet-30", phases=phases, validation=None))
    assert len(fitted) == 2
    run(write_config(data, tmp_path, "taught", network="lite-hrnet-30", phases=[*phases, phases[0]], validation=None))
    assert len(fitted) == 3, "also of a phase that was added later"


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

"""Training runs that are interrupted, moved, begun twice, or go wrong."""

import csv
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from app.commands import main
from model.checkpoints import read_checkpoint
from model.errors import CheckpointError, ConfigError, DatasetError
from model.training.config_file import load_config
from model.training.progress import Report
from model.training.runfolder import RunFolder
from model.training.train import Trainer
from tests.model.training.short_run import averaged, run, write_config

pytestmark = pytest.mark.usefixtures("shallow_networks")
PHASE = {"images": 24, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-2}


def test_ctrl_c_within_a_step_ends_the_run_behind_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: dict[str, Any] = {"phases": [PHASE], "validation": None}
    straight, _ = run(write_config(data, tmp_path, "straight", **changes))
    config = write_config(data, tmp_path, "pressed", **changes)
    step = torch.optim.AdamW.step
    taken = []

    def pressed(optimizer: torch.optim.AdamW, *arguments: object) -> object:
        taken.append(True)
        if len(taken) == 2:
            signal.raise_signal(signal.SIGINT)
        return step(optimizer, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(torch.optim.AdamW, "step", pressed)
        with pytest.raises(KeyboardInterrupt):
            run(config)
    assert torch.load(tmp_path / "pressed" / "last.pt", weights_only=True)["images"] == 8
    folder, steps = run(config)
    assert steps[0].images == 12
    _expect_equal(averaged(folder, 24), averaged(straight, 24))


def test_an_error_within_a_step_leaves_the_last_whole_state(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: dict[str, Any] = {"phases": [PHASE], "validation": None}
    straight, _ = run(write_config(data, tmp_path, "straight", **changes))
    config = write_config(data, tmp_path, "broken", **changes)
    run(config, max_minutes=1e-6)
    with monkeypatch.context() as patched:
        patched.setattr("model.training.ema.WeightAverage.update", _fail)
        with pytest.raises(RuntimeError, match="out of memory"):
            run(config)
    folder, steps = run(config)
    assert steps[0].images == 8
    _expect_equal(averaged(folder, 24), averaged(straight, 24))


def test_a_batch_that_does_not_fit_into_memory_is_told(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(torch.optim.AdamW, "step", refuse)
    with pytest.raises(ConfigError, match="does not fit into memory; lower batch_size"):
        run(write_config(data, tmp_path, "large", phases=[PHASE], validation=None))


@pytest.mark.skipif(not hasattr(signal, "SIGTERM"), reason="this system has no such signal")
def test_a_request_to_end_saves_the_run(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = torch.optim.AdamW.step

    def asked(optimizer: torch.optim.AdamW, *arguments: object) -> object:
        signal.raise_signal(signal.SIGTERM)
        return step(optimizer, *arguments)

    monkeypatch.setattr(torch.optim.AdamW, "step", asked)
    assert main(["train", str(write_config(data, tmp_path, "asked", phases=[PHASE], validation=None))]) == 130
    assert torch.load(tmp_path / "asked" / "last.pt", weights_only=True)["images"] == 4


def test_a_run_that_diverges_ends_and_keeps_what_was_good(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(data, tmp_path, "wild", phases=[PHASE], validate_every=16)
    run(config, max_minutes=1e-6)
    before = torch.load(tmp_path / "wild" / "last.pt", weights_only=True)
    with monkeypatch.context() as patched:
        patched.setattr("model.training.train.learning_rate", lambda *_: float("nan"))
        with pytest.raises(ConfigError, match=r"wild has diverged: after \d+ images .* lower learning_rate"):
            run(config)
    after = torch.load(tmp_path / "wild" / "last.pt", weights_only=True)
    assert after["images"] == before["images"] == 4
    assert not (tmp_path / "wild" / "weights.safetensors").exists()


def test_two_processes_do_not_train_one_run(data: Path, tmp_path: Path) -> None:
    config = write_config(data, tmp_path, "shared", phases=[PHASE], validation=None)
    run(config, max_minutes=1e-6)
    with RunFolder(load_config(config)).alone(), pytest.raises(ConfigError, match="another process trains this run"):
        run(config)
    run(config)


def test_a_run_that_another_process_has_taken_on_meanwhile_is_not_taken_back(data: Path, tmp_path: Path) -> None:
    config = load_config(write_config(data, tmp_path, "twice", phases=[PHASE], validation=None))
    silent = Report(lambda step: None, lambda metrics: None, lambda name, done, total: None)
    first, second = Trainer(config, silent), Trainer(config, silent)
    first.run(max_minutes=1e-6)
    with pytest.raises(ConfigError, match="trained by another process meanwhile"):
        second.run()
    assert torch.load(tmp_path / "twice" / "last.pt", weights_only=True)["images"] == 4


def test_another_teacher_of_the_same_name_is_another_run(data: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shutil.copy(data / "teacher.safetensors", tmp_path / name / "best.safetensors")
    teacher = {"network": "wider-naive-lite-hrnet-18", "weights": str(tmp_path / "a" / "best.safetensors")}
    changes: dict[str, Any] = {"phases": [PHASE | {"teacher": teacher}], "validation": None}
    run(write_config(data, tmp_path, "taught", **changes), max_minutes=1e-6)
    teacher["weights"] = str(tmp_path / "b" / "best.safetensors")
    with pytest.raises(ConfigError, match="another configuration, of phases"):
        run(write_config(data, tmp_path, "taught", **changes))


def test_a_validation_that_was_interrupted_is_made_good(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(data, tmp_path, "measured", phases=[PHASE], validate_every=8)
    with monkeypatch.context() as patched:
        patched.setattr("model.training.pose_task.PoseTask.validate", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(config)
    folder, _ = run(config)
    with (folder / "metrics.csv").open(newline="") as file:
        assert [float(row["images"]) for row in csv.DictReader(file)] == [12, 16, 24]


def test_the_best_weights_are_written_by_the_next_slice_where_writing_failed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(data, tmp_path, "best", phases=[PHASE])

    def refused(state: object, path: Path, *arguments: object) -> None:
        raise CheckpointError(f"cannot write {path}: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("model.training.runfolder.save_safetensors", refused)
        with pytest.raises(CheckpointError):
            run(config)
    folder, _ = run(config)
    assert read_checkpoint(folder / "best.safetensors")


def test_a_run_goes_on_where_it_was_moved_with_its_data(data: Path, tmp_path: Path) -> None:
    changes: dict[str, Any] = {"phases": [PHASE], "validation": None}
    run(write_config(data, tmp_path, "moved", **changes), max_minutes=1e-6)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "runs").mkdir(parents=True)
    shutil.copytree(data, elsewhere / data.name)
    shutil.move(tmp_path / "moved", elsewhere / "runs")
    _, steps = run(write_config(elsewhere / data.name, elsewhere / "runs", "moved", **changes))
    assert steps[0].images == 8
    with pytest.raises(ConfigError, match=r"another configuration, of seed \("):
        run(write_config(elsewhere / data.name, elsewhere / "runs", "moved", seed=5, **changes))


def test_a_teacher_of_a_later_phase_is_looked_at_before_the_first(data: Path, tmp_path: Path) -> None:
    teacher = {"network": "wider-naive-lite-hrnet-18", "weights": str(tmp_path / "absent.bin")}
    config = write_config(data, tmp_path, "later", phases=[PHASE, PHASE | {"teacher": teacher}], validation=None)
    with pytest.raises(CheckpointError, match="absent"):
        run(config)
    assert not (tmp_path / "later").exists()
    teacher = {"network": "naive-lite-hrnet-18", "weights": str(data / "teacher.safetensors")}
    config = write_config(data, tmp_path, "other", phases=[PHASE, PHASE | {"teacher": teacher}], validation=None)
    with pytest.raises(CheckpointError, match="does not fit"):
        run(config)


def test_pictures_that_are_not_there_to_validate_on_are_told_before_the_training(data: Path, tmp_path: Path) -> None:
    validation = {"annotations": str(data / "annotations.json"), "images": str(data / "elsewhere")}
    with pytest.raises(DatasetError, match=r"elsewhere.* does not exist"):
        run(write_config(data, tmp_path, "unmeasured", phases=[PHASE], validation=validation))
    assert not (tmp_path / "unmeasured").exists()


def test_a_finished_run_takes_another_phase(data: Path, tmp_path: Path) -> None:
    short = PHASE | {"images": 8}
    run(write_config(data, tmp_path, "longer", phases=[short], validation=None))
    _, steps = run(write_config(data, tmp_path, "longer", phases=[short, short], validation=None))
    assert [step.images for step in steps] == [12, 16]
    with pytest.raises(ConfigError, match="another configuration, of phases"):
        run(write_config(data, tmp_path, "longer", phases=[PHASE, short], validation=None))


@pytest.mark.parametrize("name", ["..", ".", "-x"])
def test_a_run_is_named_like_a_folder_of_its_own(data: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="name"):
        load_config(write_config(data, tmp_path, name))


def _expect_equal(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-6, msg=name)


def _fail(*arguments: object) -> None:
    raise RuntimeError("out of memory")


def _interrupt(*arguments: object) -> None:
    raise KeyboardInterrupt

"""A run's folder that cannot be gone on with, or written, is told in one line."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model.errors import ConfigError, DatasetError
from model.networks import PERSON_DETECTOR
from model.training.config import TrainingConfig
from model.training.detection.config import DetectorTrainingConfig
from model.training.runfolder import RunFolder

FULL = Path("/dev/full")  # refuses every byte, as a full disk does


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    phase = {"images": 4, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3}
    sets = [{"annotations": "a.json", "images": "pictures"}]
    return TrainingConfig.model_validate(
        {"name": "toy", "network": "lite-hrnet-18", "sets": sets, "runs": tmp_path, "phases": [phase]}
    )


def state_of(config: TrainingConfig, **changes: Any) -> dict[str, Any]:
    return {
        "config": config.model_dump(mode="json") | changes,
        "phase": 0,
        "training": {},
        "network": {"weight": torch.ones(500)},
    }


def test_a_state_comes_back(config: TrainingConfig) -> None:
    folder = RunFolder(config)
    assert folder.load_state(config) is None
    folder.create()
    folder.save_state(state_of(config))
    loaded = folder.load_state(config)
    assert loaded is not None
    assert torch.equal(loaded["network"]["weight"], torch.ones(500))
    assert not list(folder.path.rglob("*.partial"))


def test_files_count_by_their_last_names(tmp_path: Path) -> None:
    def config_in(place: str) -> DetectorTrainingConfig:
        phase = {
            "images": 4, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3,
            "augmentation": {"pasted": 0.5, "cut_outs": f"{place}/cut-outs"},
            "teacher": {"graph": f"{place}/320/t.xml"},
        }  # fmt: skip
        sets = [{"annotations": f"{place}/a.json", "images": f"{place}/pictures"}]
        return DetectorTrainingConfig.model_validate(
            {"name": "toy", "network": PERSON_DETECTOR, "sets": sets, "runs": tmp_path, "phases": [phase]}
        )

    folder = RunFolder(config_in("here/set"))
    folder.create()
    folder.save_state({"config": config_in("here/set").model_dump(mode="json"), "phase": 0, "training": {}})
    assert folder.load_state(config_in("elsewhere/set")) is not None
    with pytest.raises(ConfigError, match="another configuration, of sets"):
        folder.load_state(config_in("elsewhere/other"))


def test_a_folder_is_there_from_its_creation_on(config: TrainingConfig) -> None:
    folder = RunFolder(config)
    assert not folder.path.exists()
    folder.create()
    folder.create()
    assert (folder.path / "predictions").is_dir()


def test_a_folder_that_cannot_be_made_is_told(config: TrainingConfig) -> None:
    folder = RunFolder(config)
    folder.path.write_bytes(b"")
    with pytest.raises(DatasetError, match=r"cannot write .*toy.*; set another folder for runs"):
        folder.create()


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_truncated_state_is_told(config: TrainingConfig, kept: float) -> None:
    folder = RunFolder(config)
    folder.create()
    folder.save_state(state_of(config))
    path = folder.path / "last.pt"
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DatasetError, match=r"cannot go on from .*last\.pt") as caught:
        folder.load_state(config)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_state_is_told(config: TrainingConfig) -> None:
    folder = RunFolder(config)
    folder.create()
    torch.save([1, 2], folder.path / "last.pt")
    with pytest.raises(DatasetError, match=r"cannot go on from .*last\.pt"):
        folder.load_state(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": PERSON_DETECTOR, "keypoints": None}, "network"),
        ({"learning_pace": 1}, "learning_pace"),
        ({"network": "lite-hrnet-30"}, "another configuration"),
    ],
)
def test_a_run_that_does_not_go_on_so_is_told(config: TrainingConfig, changes: dict[str, Any], message: str) -> None:
    folder = RunFolder(config)
    folder.create()
    folder.save_state(state_of(config, **changes))
    with pytest.raises(ConfigError, match=message) as caught:
        folder.load_state(config)
    assert "\n" not in str(caught.value)
    assert str(folder.path) in str(caught.value)


def test_a_row_of_the_same_images_gives_way_however_many_they_are(config: TrainingConfig) -> None:
    folder = RunFolder(config)
    folder.create()
    for oks in (0.1234567, 0.2):
        folder.append_metrics({"images": 31_460_730.0, "oks": oks})
    assert (folder.path / "metrics.csv").read_text().splitlines() == ["images,oks", "31460730,0.2"]


def test_a_folder_that_another_user_owns_is_told(config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder(config)
    folder.create()

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with pytest.raises(DatasetError, match=r"cannot write .*toy: Permission denied"), folder.alone():
        pass


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("last.pt.partial", lambda folder, config: folder.save_state(state_of(config))),
        ("config.yaml.partial", lambda folder, config: folder.describe(config)),
        ("revision.txt.partial", lambda folder, config: folder.describe(config)),
        ("metrics.csv.partial", lambda folder, config: folder.append_metrics({"images": 8.0, "oks": 0.2})),
        (
            "predictions/000000008.jpg.partial",
            lambda folder, config: folder.keep_picture(np.zeros((8, 8, 3), np.uint8), 8),
        ),
    ],
)
def test_a_full_disk_is_told_and_leaves_what_was_saved(
    config: TrainingConfig, name: str, write: Callable[[RunFolder, TrainingConfig], None]
) -> None:
    folder = RunFolder(config)
    folder.create()
    folder.save_state(state_of(config))
    folder.describe(config)
    folder.append_metrics({"images": 4.0, "oks": 0.1})
    saved = {path: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}
    (folder.path / name).symlink_to(FULL)
    with pytest.raises(DatasetError, match=r"cannot write .*; make room") as caught:
        write(folder, config)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert all(path.read_bytes() == content for path, content in saved.items())
    assert not list(folder.path.rglob("*.partial")), "what did not fit takes no room"

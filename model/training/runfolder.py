"""What a run leaves in its folder: configuration, code revision, resumable state, weights, metrics and pictures.

config.yaml        the configuration as it was read          revision.txt    of the code, and whether it was changed
last.pt            all that a resumed run needs               metrics.csv     one row a validation
weights.safetensors  averaged weights at the last validation  best.safetensors  those with the highest AP so far
predictions/       one picture a validation                   events.out...   the same for TensorBoard
run.lock           held while a process trains
"""

import csv
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import Any

import cv2
import torch
import yaml
from filelock import FileLock, Timeout
from pydantic import ValidationError
from torch import nn

from model.arrays import UInt8Array
from model.checkpoints import save_safetensors
from model.errors import ConfigError, DatasetError
from model.training.config import RunConfig, first_problem

STATE = "last.pt"
LOCK = "run.lock"
METRICS = "metrics.csv"
# What may change between the slices of one run.
_OPERATIONAL = {
    "device",
    "threads",
    "workers",
    "cache",
    "runs",
    "validate_every",
    "save_every_minutes",
    "validation",
    "init_from",
}

# Keys whose values are files, and how many names at their ends tell them from one another: every run has a weights file
# of the same name.
_PLACES = {"annotations": 2, "images": 1, "weights": 2, "graph": 2, "cut_outs": 1}


class RunFolder:
    """The folder of a run. `create` comes before all that writes: a run that cannot start leaves no folder.

    Args:
        config: The run's configuration.
    """

    def __init__(self, config: RunConfig) -> None:
        self.path, self._name = config.runs / config.name, config.name

    def create(self) -> None:
        """Make the folder, unless it is there.

        Raises:
            DatasetError: It cannot be written.
        """
        try:
            (self.path / "predictions").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatasetError(f"cannot write {self.path}: {error.strerror}; set another folder for runs") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from training this run meanwhile.

        Raises:
            ConfigError: Another process does.
            DatasetError: The folder cannot be written.
        """
        try:
            held = FileLock(self.path / LOCK, timeout=0).acquire()
        except Timeout as error:
            raise ConfigError(
                f"{self.path} is in use: another process trains this run; wait for it, or choose another name"
            ) from error
        except OSError as error:
            raise DatasetError(f"cannot write {self.path}: {error.strerror}; set another folder for runs") from error
        with held:
            yield

    def load_state(self, config: RunConfig) -> dict[str, Any] | None:
        """The state of the run's last save; None for a new run.

        Raises:
            ConfigError: The folder holds a run with another configuration.
            DatasetError: The state is damaged or cannot be read.
        """
        path = self.path / STATE
        if not path.is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            content, begun = state["config"], state["phase"] + (state["training"] is not None)
        except Exception as error:  # of whatever kind PyTorch meets in a damaged file
            reason = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
            raise DatasetError(
                f"cannot go on from {path} ({reason}); begin another run with the weights.safetensors beside it as "
                "init_from, or delete the folder"
            ) from error
        try:
            stored = type(config).model_validate(content)
        except ValidationError as error:
            raise ConfigError(
                f"{self.path} holds a run of another kind or version ({first_problem(error)}); "
                "choose another name or delete the folder"
            ) from error
        before, now = _fixed(stored, begun), _fixed(config, begun)
        other = next((key for key in now if now[key] != before.get(key)), None)
        if other is not None:
            raise ConfigError(
                f"{self.path} holds a run with another configuration, of {other} (see its config.yaml); "
                "choose another name or delete the folder"
            )
        return state

    def save_state(self, state: dict[str, Any]) -> None:
        """Replace the saved state, whole or not at all, even if the process or the machine dies meanwhile.

        Raises:
            DatasetError: It cannot be written.
        """
        with _replacing(self.path / STATE) as partial, partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())

    def describe(self, config: RunConfig) -> None:
        """Write the configuration and the revision of the code.

        Raises:
            DatasetError: They cannot be written.
        """
        text = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        for name, content in (("config.yaml", text), ("revision.txt", _revision() + "\n")):
            with _replacing(self.path / name) as partial:
                partial.write_text(content, encoding="utf-8")

    def append_metrics(self, row: dict[str, float]) -> None:
        """Add a row to the table of metrics; a row for the same number of images, left by a killed slice, gives way.

        Raises:
            DatasetError: The table cannot be written.
        """
        path = self.path / METRICS
        rows: list[dict[str, Any]] = []
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                rows = [old for old in csv.DictReader(file) if float(old["images"]) < row["images"]]
        rows.append({name: _written(value) for name, value in row.items()})
        names = list(dict.fromkeys(name for each in rows for name in each))
        with _replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def keep_picture(self, predictions: UInt8Array, images: int) -> None:
        """Write a picture (H, W, 3) RGB of what is found after so many images.

        Raises:
            DatasetError: It cannot be written.
        """
        encoded = cv2.imencode(".jpg", cv2.cvtColor(predictions, cv2.COLOR_RGB2BGR))[1]
        with _replacing(self.path / "predictions" / f"{images:09d}.jpg") as partial:
            partial.write_bytes(encoded.tobytes())

    def keep_measured(
        self, network: nn.Module, metadata: Mapping[str, str], metrics: Mapping[str, float], first: str
    ) -> None:
        """Add metrics to the table, and keep the weights they belong to, also as the best where `first` is highest."""
        # The table last: what fails before is done again by the slice that follows.
        self.keep_weights(network, metadata, metrics)
        if metrics[first] > self._best(first):
            self.keep_weights(network, metadata, metrics, "best")
        self.append_metrics(dict(metrics))

    def keep_weights(
        self, network: nn.Module, metadata: Mapping[str, str], metrics: Mapping[str, float], stem: str = "weights"
    ) -> None:
        """Write weights, with what they are and how they measure as metadata."""
        told = dict(metadata) | {"run": self._name} | {name: _written(value) for name, value in metrics.items()}
        save_safetensors(network.state_dict(), self.path / f"{stem}.safetensors", told)

    def _best(self, metric: str) -> float:
        """The highest value of a metric in the table of metrics, -1 where there is none."""
        path = self.path / METRICS
        if not path.is_file():
            return -1.0
        with path.open(encoding="utf-8", newline="") as file:
            return max((float(row[metric]) for row in csv.DictReader(file) if row.get(metric)), default=-1.0)


def _written(value: float) -> str:
    """A figure to six digits; what is counted, such as images, whole."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.6g}"


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Where to write what replaces a file once it is whole; where it cannot be, the file stays as it was.

    Raises:
        DatasetError: It cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise DatasetError(
            f"cannot write {path}: {error.strerror}; make room or permit it, and start the run again"
        ) from error


def _fixed(config: RunConfig, begun: int) -> dict[str, Any]:
    """What a resumed run must have in common with the run so far; phases that are not begun may still change.

    Files count by their last names: a run goes on where it has been moved with its data.
    """
    content = config.model_dump(mode="json", exclude=_OPERATIONAL | {"phases"})
    content["phases"] = [phase.model_dump(mode="json") for phase in config.stretches[:begun]]
    return {key: _without_folders(value) for key, value in content.items()}


def _without_folders(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _last_names(each, _PLACES[key]) if key in _PLACES and isinstance(each, str) else _without_folders(each)
            for key, each in value.items()
        }
    return [_without_folders(each) for each in value] if isinstance(value, list) else value


def _last_names(path: str, count: int) -> tuple[str, ...]:
    return PureWindowsPath(path).parts[-count:]  # which knows both kinds of separator


def _revision() -> str:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown: not a git checkout"
    return done.stdout.strip()

"""Reading a run's configuration from its YAML file."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from model.errors import ConfigError
from model.networks import PERSON_DETECTOR
from model.training.config import RunConfig, TrainingConfig, first_problem
from model.training.detection.config import DetectorTrainingConfig

_INPUTS = ("annotations", "images", "weights", "init_from", "graph", "cut_outs")


def load_config(path: Path) -> RunConfig:
    """Read a run's configuration: a pose network's, or the person detector's where `network` says so.

    Raises:
        ConfigError: The file is unreadable, or a key is unknown, missing or out of range; the message names it.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}; check the path") from error
    except (ValueError, yaml.YAMLError) as error:  # also of what looks like a date and is none
        reason = str(error).splitlines()[0]
        raise ConfigError(f"cannot read the configuration {path}: {reason}; correct the file") from error
    if not isinstance(content, dict):
        raise ConfigError(f"cannot read the configuration {path}: expected keys and values; correct the file")
    try:
        kind = DetectorTrainingConfig if content.get("network") == PERSON_DETECTOR else TrainingConfig
        return kind.model_validate(_rooted(content, path.resolve().parent))
    except ValidationError as error:
        raise ConfigError(f"{path}: {first_problem(error)}; correct the configuration") from error


def _rooted(value: Any, folder: Path, key: str = "") -> Any:
    """The configuration with its relative input paths taken from `folder`."""
    if isinstance(value, dict):
        return {name: _rooted(item, folder, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_rooted(item, folder) for item in value]
    if key in _INPUTS and isinstance(value, str):
        return str(folder / value)
    return value

"""The paper's ablations: training without either kind of weights, as a configuration says."""

from pathlib import Path

import pytest
import yaml

from model.checkpoints import read_checkpoint, save_safetensors
from model.errors import CheckpointError, ConfigError
from model.networks import build_network
from model.training.config_file import load_config
from model.training.progress import Report
from model.training.train import train
from tests.model.training.toy import write_toy_set

KINDS = {"cross_resolution_weights": "cross_resolution_weighting", "spatial_weights": "spatial_weighting"}


def write_config(folder: Path, network: str, switches: dict[str, bool | str]) -> Path:
    write_toy_set(folder, 4)
    phase = {"images": 4, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3}
    content = {
        "name": "ablation", "network": network, "workers": 0, "threads": 1, "device": "cpu",
        "sets": [{"annotations": "annotations.json", "images": "."}], "runs": str(folder / "runs"), "phases": [phase],
    }  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content | switches))
    return path


def silent(*_: object) -> None:
    """Hears of progress."""


@pytest.mark.parametrize("left_out", KINDS)
def test_weights_switched_off_are_not_trained(tmp_path: Path, left_out: str) -> None:
    config = load_config(write_config(tmp_path, "lite-hrnet-18", {left_out: False}))
    folder = train(config, Report(silent, silent, silent))
    names = read_checkpoint(folder / "weights.safetensors").keys()
    for switch, module in KINDS.items():
        assert any(f".{module}." in name for name in names) == (switch != left_out)


def test_weights_of_an_ablated_network_are_told_from_whole_ones(tmp_path: Path) -> None:
    weights = tmp_path / "ablated.safetensors"
    save_safetensors(build_network("lite-hrnet-18", 17, spatial_weights=False).state_dict(), weights, {})
    config = load_config(write_config(tmp_path, "lite-hrnet-18", {"init_from": str(weights)}))
    with pytest.raises(CheckpointError, match="and cross_resolution_weights: true, spatial_weights: false"):
        train(config, Report(silent, silent, silent))


def test_networks_without_such_weights_refuse_the_switch(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no spatial_weights to switch off"):
        train(
            load_config(write_config(tmp_path, "small-hrnet-w16", {"spatial_weights": False})),
            Report(silent, silent, silent),
        )

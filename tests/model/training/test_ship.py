"""Weights as the project ships them."""

from pathlib import Path

import pytest
import torch
import yaml

from model.checkpoints import load_checkpoint, read_checkpoint, read_metadata, save_safetensors
from model.errors import CheckpointError, ConfigError
from model.networks import build_network
from model.training.config_file import load_config
from model.training.ship import ship
from tests.model.training.toy import write_toy_set


def write(folder: Path, name: str, seed: int, network: str = "naive-lite-hrnet-18", **said: str) -> Path:
    torch.manual_seed(seed)
    path = folder / f"{name}.safetensors"
    save_safetensors(build_network(network, 17).state_dict(), path, {"network": network, **said})
    return path


def test_one_file_is_written_in_16_bits_with_what_it_says_of_itself(tmp_path: Path) -> None:
    source = write(tmp_path, "run", 0, AP="0.4")
    path = ship([source], "shipped", tmp_path)
    assert path.stat().st_size < 0.65 * source.stat().st_size
    assert read_metadata(path) == {"network": "naive-lite-hrnet-18", "AP": "0.4"}
    written, original = read_checkpoint(path), read_checkpoint(source)
    for name, tensor in original.items():
        torch.testing.assert_close(written[name].to(tensor.dtype), tensor, rtol=1e-3, atol=1e-6)
    load_checkpoint(build_network("naive-lite-hrnet-18", 17), path)


def test_of_several_files_the_mean_is_written_and_what_all_say(tmp_path: Path) -> None:
    sources = [write(tmp_path, f"run {seed}", seed, AP=f"0.{seed}") for seed in (1, 2, 3)]
    path = ship(sources, "shipped", tmp_path)
    assert read_metadata(path) == {"network": "naive-lite-hrnet-18"}
    name = "backbone.stage0.0.layers.0.0.branch2.0.conv.weight"
    states = [read_checkpoint(source) for source in sources]
    expected = torch.stack([state[name].float() for state in states]).mean(0)
    assert expected.abs().max() > 0
    torch.testing.assert_close(read_checkpoint(path)[name].float(), expected, rtol=2e-3, atol=1e-6)


def test_files_of_different_networks_have_no_mean(tmp_path: Path) -> None:
    sources = [write(tmp_path, "one", 0), write(tmp_path, "other", 0, "lite-hrnet-18")]
    with pytest.raises(CheckpointError, match="different networks"):
        ship(sources, "shipped", tmp_path)
    assert not (tmp_path / "shipped.safetensors").exists()


def test_weights_of_another_network_are_told_before_pictures_are_read(tmp_path: Path) -> None:
    phase = {"images": 8, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3, "statistics_from": 8}
    absent = {"annotations": str(tmp_path / "absent.json"), "images": str(tmp_path)}
    content = {
        "name": "run", "network": "lite-hrnet-18", "runs": str(tmp_path), "sets": [absent], "phases": [phase],
    }  # fmt: skip
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    source = write(tmp_path, "naive", 0)
    with pytest.raises(CheckpointError, match="it fits naive-lite-hrnet-18 with 17 keypoints") as caught:
        ship([source], "shipped", tmp_path, load_config(tmp_path / "run.yaml"))
    assert str(source) in str(caught.value)
    assert not (tmp_path / "shipped.safetensors").exists()


def test_statistics_of_a_mean_are_taken_on_a_runs_crops(tmp_path: Path) -> None:
    annotations = write_toy_set(tmp_path, 8)
    phase = {"images": 8, "input_size": "64x64", "batch_size": 4, "learning_rate": 1e-3, "statistics_from": 8}
    content = {
        "name": "run", "network": "naive-lite-hrnet-18", "workers": 0, "device": "cpu", "runs": str(tmp_path),
        "sets": [{"annotations": str(annotations), "images": str(tmp_path)}], "phases": [phase],
    }  # fmt: skip
    sources = [write(tmp_path, f"run {seed}", seed) for seed in (1, 2)]
    plain = read_checkpoint(ship(sources, "plain", tmp_path))
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    taken = read_checkpoint(ship(sources, "taken", tmp_path, load_config(tmp_path / "run.yaml")))
    for name, tensor in plain.items():
        statistic = name.endswith(("running_mean", "running_var", "num_batches_tracked"))
        assert torch.equal(tensor, taken[name]) != statistic, name

    (tmp_path / "none.yaml").write_text(yaml.safe_dump(content | {"phases": [phase | {"statistics_from": 0}]}))
    with pytest.raises(ConfigError, match="statistics_from"):
        ship(sources, "none", tmp_path, load_config(tmp_path / "none.yaml"))

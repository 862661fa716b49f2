from pathlib import Path

import pytest
import yaml

from model.errors import ConfigError
from model.training.batches import phase_sigma
from model.training.config import Phase, TrainingConfig
from model.training.config_file import load_config
from model.training.schedule import learning_rate

CONFIGS = Path(__file__).parents[3] / "model" / "training" / "configs"
SHORTEST = """
name: toy
network: lite-hrnet-18
sets: [{annotations: a.json, images: pictures}]
phases: [{images: 100, input_size: 64x64, batch_size: 4, learning_rate: 0.001}]
"""


def load(folder: Path, text: str) -> object:
    path = folder / "설정.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_configurations_that_come_along_are_valid(path: Path) -> None:
    assert load_config(path).name == path.stem


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*-paper.yaml")), ids=lambda path: path.stem)
def test_the_papers_recipes_have_its_targets(path: Path) -> None:
    config = load_config(path)
    assert isinstance(config, TrainingConfig)
    assert [(phase.unbiased, phase_sigma(phase)) for phase in config.phases] == [(False, 2.0)]


def test_inputs_are_found_from_the_configuration_and_outputs_from_here(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(SHORTEST)
    config = load_config(tmp_path / "c.yaml")
    assert config.sets[0].annotations == tmp_path / "a.json"
    assert config.sets[0].images == tmp_path / "pictures"
    assert config.runs == Path("runs")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("name: toy", "name: toy\nlearning_rat: 1", "learning_rat"),
        ("batch_size: 4", "batch_size: 1", r"phases\.0\.batch_size"),
        ("batch_size: 4", "batch_size: 4, colour: 1", r"phases\.0\.colour"),
        ("input_size: 64x64", "input_size: 64x60", r"phases\.0\.input_size.*multiples of 32"),
        ("input_size: 64x64", "input_size: 64x64, patch_of: 32x64", r"phases\.0.*no part of"),
        ("network: lite-hrnet-18", "network: lite-hrnet-19", "network.*lite-hrnet-19"),
        ("name: toy", "name: ../toy", "name"),
        ("name: toy", "name: toy\nseed: -1", "seed"),
        ("name: toy", f"name: toy\nseed: {2**64}", "seed"),
        ("images: pictures", "images: pictures, weight: 0", r"sets\.0\.weight"),
        ("network: lite-hrnet-18", "", "network"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(ConfigError, match=key) as caught:
        load(tmp_path, SHORTEST.replace(old, new))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a list", "name: [", "\x00"])
def test_a_file_that_is_no_configuration_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="cannot read the configuration"):
        load(tmp_path, text)


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "none.yaml")


def phase(schedule: str) -> Phase:
    content = f"{{images: 9, input_size: 64x64, batch_size: 2, learning_rate: 0.01, schedule: {schedule}}}"
    return Phase.model_validate(yaml.safe_load(content))


def test_steps_of_the_learning_rate_are_the_papers() -> None:
    steps = phase("{kind: step, warmup_steps: 500}")
    rates = [learning_rate(steps, epoch * 100, epoch / 210) for epoch in (0, 1, 169, 170, 199, 200, 209)]
    assert rates[0] == pytest.approx(0.01 / 501)
    assert rates[1] == pytest.approx(0.01 * 101 / 501)
    assert rates[2:] == pytest.approx([1e-2, 1e-3, 1e-3, 1e-4, 1e-4])


def test_the_cosine_ends_at_its_last_share() -> None:
    cosine = phase("{kind: cosine, warmup_steps: 0, last: 0.1}")
    assert [learning_rate(cosine, step, step / 100) for step in (0, 50, 100)] == pytest.approx([0.01, 0.0055, 0.001])

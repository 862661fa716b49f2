"""Names that users write, and what they stand for."""

from pathlib import Path

import pytest

from model.errors import WeightsError
from model.zoo import all_pose_models, load_catalogue, resolve, resolve_any, resolve_detector


@pytest.mark.parametrize("name", [pose.name for pose in load_catalogue().pose])
def test_a_weight_set_stands_for_itself(name: str) -> None:
    assert resolve(name).name == resolve_any(name).name == name


@pytest.mark.parametrize(("alias", "target"), load_catalogue().aliases.items())
def test_an_alias_stands_for_its_target(alias: str, target: str) -> None:
    assert resolve(alias).name == target


def test_detectors_have_a_default() -> None:
    assert resolve_detector("default") == resolve_detector("picodet-320") == resolve_any("picodet-320")
    assert resolve_detector("mediapipe-ssd").input_size == (300, 300)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tinypose-256x129", r"no weight set is named 'tinypose-256x129'; did you mean tinypose-256x192\?"),
        ("nothing like it", "no weight set is named 'nothing like it'; python main.py models lists all"),
        ("", "no weight set is named ''"),
        ("../weights", r"no weight set is named '\.\./weights'"),
        ("picodet-320", "picodet-320 finds people, not their joints; give it as --detector picodet-320"),
        ("naive-lite-hrnet-18", "no weights are known for the network naive-lite-hrnet-18; import some: .*--network"),
    ],
)
def test_a_name_that_stands_for_no_weights(name: str, message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        resolve(name)


def test_a_file_in_place_of_a_name_is_told_how_to_import_it(tmp_path: Path) -> None:
    path = tmp_path / "best.pth"
    path.touch()
    with pytest.raises(WeightsError, match=f"import it: python main.py weights import {path} --as NAME"):
        resolve(str(path))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing like it", "no weight set is named 'nothing like it'; python main.py weights list shows all$"),
        ("picodet-321", r"'picodet-321'; did you mean picodet-320\? python main.py weights list shows all$"),
        ("naive-lite-hrnet-18", "no weights are known for the network naive-lite-hrnet-18"),
    ],
)
def test_a_name_of_neither_kind_is_told_where_all_are_listed(name: str, message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        resolve_any(name)


def test_an_unknown_detector_is_told_the_known_ones() -> None:
    with pytest.raises(WeightsError, match=r"no detector is named 'picodet'; did you mean .*mediapipe-ssd"):
        resolve_detector("picodet")


def test_every_network_has_a_model_with_17_keypoints() -> None:
    models = all_pose_models()
    assert {model.network for model in models if model.keypoints == 17} == set(load_catalogue().networks)
    assert len({model.name for model in models}) == len(models)

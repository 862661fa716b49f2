"""The catalogue as it is shipped, held to the code and to the published files; and malformed ones."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from model.complexity import count_macs, count_parameters
from model.errors import ConfigError
from model.input_size import InputSize
from model.networks import NETWORK_NAMES, build_network
from model.zoo import CATALOGUE_PATH, PoseModel, PoseWeightSet, WeightFile, load_catalogue
from model.zoo.catalogue import WEIGHTS_FOLDER
from model.zoo.store import sha256_of

CATALOGUE = load_catalogue()
SETS = [*CATALOGUE.pose, *CATALOGUE.detectors]
FILES = [file for weight_set in SETS for file in weight_set.files]


def names(items: list) -> list[str]:
    return [item.name for item in items]


def test_it_lists_every_network_of_the_code() -> None:
    assert tuple(CATALOGUE.networks) == NETWORK_NAMES


@cache
def figures(network_name: str, keypoints: int, input_size: InputSize) -> tuple[int, int]:
    network = build_network(network_name, keypoints)
    return count_parameters(network), count_macs(network, input_size)


MODELS: list[PoseModel] = [*map(CATALOGUE.bare_network, CATALOGUE.networks), *CATALOGUE.pose]


@pytest.mark.parametrize("model", MODELS, ids=names(MODELS))
def test_parameters_and_macs_are_those_of_the_network(model: PoseModel) -> None:
    assert figures(model.network, model.keypoints, model.input_size) == (model.parameters, model.macs)


@pytest.mark.parametrize("file", FILES, ids=names(FILES))
def test_a_file_can_be_had_and_checked(file: WeightFile) -> None:
    assert file.url is None or file.url.startswith("https://")
    assert file.url is None or file.url.endswith("/" + file.name)
    # One file has no published hash, another no known address.
    assert file.sha256 or file.name == "efficientdet_lite0.tflite"
    assert file.url or file.name == "ssd_mobilenetv2_oidv4_fp16_with_metadata.tflite" or shipped(file)


def shipped(file: WeightFile) -> bool:
    path = WEIGHTS_FOLDER / file.name
    return path.is_file() and path.stat().st_size == file.size and sha256_of(path) == file.sha256


def test_names_of_mmpose_files_bear_their_hashes() -> None:
    files = [file for file in FILES if "openmmlab" in (file.url or "")]
    assert len(files) == 12
    for file in files:
        assert file.sha256
        assert f"-{file.sha256}_" in file.name


@pytest.mark.parametrize("pose", CATALOGUE.pose, ids=names(list(CATALOGUE.pose)))
def test_accuracy_is_told_in_the_measure_of_the_keypoints(pose: PoseWeightSet) -> None:
    if all(shipped(file) for file in pose.files):  # nobody else has published a figure
        assert pose.measured_ap is not None
        assert pose.published_ap is pose.published_pckh is None
        return
    assert (pose.published_ap is not None) == (pose.keypoints == 17)
    assert (pose.published_pckh is not None) == (pose.keypoints == 16)


def test_the_names_that_everybody_may_rely_on() -> None:
    assert {"default", "fast", "balanced", "accurate"} <= set(CATALOGUE.aliases)
    assert "default" in CATALOGUE.detector_aliases
    sets = {weight_set.name: weight_set for weight_set in CATALOGUE.pose}
    for alias, target in CATALOGUE.aliases.items():
        assert sets[target].keypoints == 17
        assert alias not in CATALOGUE.networks or sets[target].network == alias


@pytest.mark.shared_data
def test_sizes_and_hashes_are_those_of_the_published_files(shared_dir: Path) -> None:
    published = {path.name: path for path in (shared_dir / "weights").rglob("*") if path.is_file()}
    here = [file for file in FILES if file.name in published]
    assert len(here) == 9
    for file in here:
        assert published[file.name].stat().st_size == file.size
        assert sha256_of(published[file.name]) == file.sha256


def malformed(tmp_path: Path, edit: object) -> Path:
    content = yaml.safe_load(CATALOGUE_PATH.read_text(encoding="utf-8"))
    edit(content)
    path = tmp_path / "catalogue.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda c: c["pose"][0].update(licens="MIT"), r"pose\.0\.licens: Extra inputs"),
        (lambda c: c["pose"][0].pop("licence"), r"pose\.0\.licence: Field required"),
        (lambda c: c["pose"][0].update(input_size="256x190"), r"pose\.0\.input_size: .*multiples of 32"),
        (lambda c: c["pose"][0].update(decoding="udp"), r"pose\.0\.decoding: .*'dark' or 'quarter'"),
        (lambda c: c["pose"][0].update(published_ap=68.8), r"pose\.0\.published_ap: .*less than or equal to 1"),
        (lambda c: c["pose"][0]["files"][0].update(sha256="abc"), r"pose\.0\.files\.0\.sha256: .*pattern"),
        (lambda c: c["pose"][0].update(files=[]), r"pose\.0\.files: .*at least 1 item"),
        (lambda c: c["pose"][0].update(network="hrnet"), "tinypose-256x192 is of the network hrnet"),
        (lambda c: c["pose"][0].update(name="picodet-320"), "two weight sets have the name picodet-320"),
        (
            lambda c: c["pose"][0]["files"][0].update(name="person.safetensors"),
            "two weight sets have the file person.safetensors",
        ),
        (lambda c: c["aliases"].update(fast="picodet-320"), "an alias stands for picodet-320, which is not listed"),
    ],
)
def test_a_malformed_catalogue_is_told_in_one_line(tmp_path: Path, edit: object, problem: str) -> None:
    path = malformed(tmp_path, edit)
    with pytest.raises(ConfigError, match=problem) as raised:
        load_catalogue(path)
    assert str(path) in str(raised.value)


def test_an_absent_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the catalogue .*nothing\.yaml"):
        load_catalogue(tmp_path / "nothing.yaml")


def test_a_catalogue_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text("networks: [")
    with pytest.raises(ConfigError, match="cannot read the catalogue"):
        load_catalogue(path)

"""Importing published files under their names in the catalogue."""

from pathlib import Path

import pytest

from model.errors import WeightsError
from model.input_size import InputSize
from model.zoo import is_available, resolve, resolve_any, weight_files
from model.zoo.importing import Description, import_weights

pytestmark = pytest.mark.shared_data
NOTHING_SAID = Description()


@pytest.fixture
def weights(shared_dir: Path) -> Path:
    return shared_dir / "weights"


@pytest.mark.parametrize("suffix", [".param", ".bin"])
def test_either_file_of_an_ncnn_pair_will_do(weights: Path, suffix: str) -> None:
    import_weights(weights / f"pp-tinypose-ncnn/tinypose_128x96{suffix}", "tinypose-128x96", NOTHING_SAID)
    assert [path.name for path in weight_files(resolve("fast"))] == ["tinypose_128x96.param", "tinypose_128x96.bin"]


@pytest.mark.parametrize("suffix", [".xml", ".bin"])
def test_either_file_of_an_openvino_pair_will_do(weights: Path, suffix: str) -> None:
    path = weights / f"picodet-pedestrian-openvino/192/picodet_s_192_lcnet_pedestrian{suffix}"
    import_weights(path, "picodet-192", NOTHING_SAID)
    assert len(weight_files(resolve_any("picodet-192"))) == 2


@pytest.mark.parametrize("suffix", [".param", ".bin"])
def test_either_file_of_an_ncnn_pair_will_do_under_another_name(weights: Path, suffix: str) -> None:
    import_weights(weights / f"pp-tinypose-ncnn/tinypose_128x96{suffix}", "mine", NOTHING_SAID)
    assert [path.name for path in weight_files(resolve("mine"))] == ["mine.param", "mine.bin"]
    assert resolve("mine").input_size == (128, 96)


def test_other_content_is_refused(weights: Path) -> None:
    path = weights / "pp-tinypose-ncnn/tinypose_128x96.bin"
    with pytest.raises(WeightsError, match=r"is not the tinypose_256x192\.param of .*sha256 is 0896.*, expected 7e41"):
        import_weights(path, "tinypose-256x192", NOTHING_SAID)
    assert not is_available(resolve("tinypose-256x192"))


def test_half_a_pair_is_told_what_is_missing(weights: Path, tmp_path: Path) -> None:
    alone = tmp_path / "tinypose_128x96.bin"
    alone.write_bytes((weights / "pp-tinypose-ncnn/tinypose_128x96.bin").read_bytes())
    with pytest.raises(WeightsError, match=r"is a pair of files, and .*tinypose_128x96\.param is missing"):
        import_weights(alone, "tinypose-128x96", NOTHING_SAID)


def test_another_kind_of_file_is_told_what_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "best epoch.pth"
    file.touch()
    with pytest.raises(WeightsError, match=r"is a pair of \.param and \.bin files; .* is neither"):
        import_weights(file, "tinypose-128x96", NOTHING_SAID)


def test_a_description_is_not_wanted(weights: Path) -> None:
    path = weights / "pp-tinypose-ncnn/tinypose_128x96.bin"
    with pytest.raises(WeightsError, match="described by the catalogue; leave --input-size out"):
        import_weights(path, "tinypose-128x96", Description(input_size=InputSize(128, 96)))


def test_a_detector_of_unknown_hash_must_at_least_be_a_model_of_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "efficientdet_lite0.tflite"
    path.write_text("<html>not found</html>")
    with pytest.raises(WeightsError, match="is no TensorFlow Lite model"):
        import_weights(path, "efficientdet-lite0", NOTHING_SAID)
    path.write_bytes(b"\x1c\0\0\0TFL3 and so on")
    import_weights(path, "efficientdet-lite0", NOTHING_SAID)
    path.write_bytes(b"\x1c\0\0\0TFL3 and something else")
    with pytest.raises(WeightsError, match="its sha256 is"):
        import_weights(path, "efficientdet-lite0", NOTHING_SAID)

"""Networks with their weights in them, or with random ones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from model.errors import WeightsError
from model.zoo import (
    PoseWeightSet,
    ensure,
    is_available,
    load_catalogue,
    load_network,
    resolve,
    resolve_or_random,
    shipped_graph,
    weight_files,
)

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def test_importing_the_zoo_imports_neither_torch_nor_numpy() -> None:
    code = "import sys, model.zoo; sys.exit(sum(name in sys.modules for name in ('torch', 'numpy', 'requests')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_absent_weights_name_the_command_that_brings_them() -> None:
    weight_set = resolve("default")
    assert not is_available(weight_set)
    with pytest.raises(WeightsError, match=r"not on this machine; fetch it: python main\.py weights fetch tinypose"):
        weight_files(weight_set)
    with pytest.raises(WeightsError, match="not on this machine"):
        load_network(weight_set)


@pytest.mark.shared_data
@pytest.mark.parametrize("size", ["256x192", "128x96"])
def test_fetched_weights_give_the_stored_heatmaps(shared_dir: Path, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_MIRROR", str(shared_dir / "weights"))
    weight_set = resolve(f"tinypose-{size}")
    ensure(weight_set, lambda *call: None)
    network = load_network(weight_set)
    assert not network.training
    stored = np.load(shared_dir / "reference" / "tinypose_ncnn.npz")
    crop = (stored[f"crop_{size}"] / 255 - MEAN) / STD
    with torch.inference_mode():
        heatmaps = network(torch.tensor(crop, dtype=torch.float32).permute(2, 0, 1)[None])[0].numpy()
    np.testing.assert_allclose(heatmaps, stored[f"heatmaps_{size}"], atol=1e-4)


class TestRandomWeights:
    def test_a_network_without_weights_here_gets_them(self) -> None:
        for name in load_catalogue().networks:
            model = resolve_or_random(name)
            assert not isinstance(model, PoseWeightSet)
            assert (model.name, model.network, model.keypoints) == (name, name, 17)

    def test_a_weight_set_never_does(self) -> None:
        with pytest.raises(WeightsError, match="not on this machine"):
            load_network(resolve_or_random("tinypose-256x192"))
        with pytest.raises(WeightsError, match="no weight set is named"):
            resolve_or_random("tinypose")

    @pytest.mark.shared_data
    def test_a_network_whose_weights_are_here_gets_those(
        self, shared_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LITE_HRNET_LIVE_MIRROR", str(shared_dir / "weights"))
        ensure(resolve("tinypose-256x192"), lambda *call: None)
        assert resolve_or_random("wider-naive-lite-hrnet-18") == resolve("tinypose-256x192")

    def test_they_are_the_same_for_the_same_seed_and_disturb_no_other(self) -> None:
        model = resolve_or_random("naive-lite-hrnet-18")
        torch.manual_seed(5)
        expected = torch.rand(3)
        torch.manual_seed(5)
        first, again, other = (load_network(model, seed).state_dict() for seed in (1, 1, 2))
        assert torch.equal(torch.rand(3), expected)
        key = "backbone.stem.conv1.conv.weight"
        assert all(torch.equal(first[name], again[name]) for name in first)
        assert not torch.equal(first[key], other[key])


def test_a_graph_that_is_not_of_these_weights_is_left_aside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = resolve("lite-hrnet-18-128x96")
    whole = shipped_graph(model)
    assert whole is not None
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / whole.name).write_bytes(content)
    monkeypatch.setattr("model.zoo.loading.WEIGHTS_FOLDER", tmp_path)
    assert shipped_graph(model) is None
    assert f"{tmp_path / whole.name} is damaged" in caplog.text
    (tmp_path / whole.name).unlink()
    assert shipped_graph(model) is None


def test_a_graph_of_former_weights_is_left_aside(caplog: pytest.LogCaptureFixture) -> None:
    model = resolve("lite-hrnet-18-128x96")
    new = model.files[0].model_copy(update={"sha256": "0" * 64})
    assert shipped_graph(model.model_copy(update={"files": (new,)})) is None
    assert "lite-hrnet-18-128x96.onnx holds former weights" in caplog.text


def test_a_set_fetched_from_elsewhere_brings_no_graph() -> None:
    assert shipped_graph(resolve("tinypose-256x192")) is None
    assert shipped_graph(load_catalogue().bare_network("lite-hrnet-18")) is None

"""Every network from its first step of training to joints in a picture: all that is promised of each, in one test."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
import yaml

from app.commands import main
from model.networks import NETWORK_NAMES
from model.training.config_file import load_config
from model.training.progress import Report
from model.training.train import train
from model.zoo import load_network, resolve
from model.zoo.store import CACHE_VARIABLE
from tests.model.training.toy import write_toy_set

pytestmark = pytest.mark.usefixtures("shallow_networks")

WITHOUT_WEIGHTS = {"cross_resolution_weights": False, "spatial_weights": False}
CASES = [
    *(pytest.param(name, {}, id=name) for name in NETWORK_NAMES),
    pytest.param("lite-hrnet-18", WITHOUT_WEIGHTS, id="lite-hrnet-18-without-weights"),
]
NETWORK_IN_ONNX = "mobilenet-v2"
"""Writing ONNX takes longer than all the rest. A Lite-HRNet's is written in tests/model/test_engines.py, and the others
are made of the layers of these two."""
STEPS = 10


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy set 그림")
    write_toy_set(folder, 4)
    return folder


def train_on(toy: Path, folder: Path, network: str, switches: dict[str, bool]) -> tuple[Path, list[float]]:
    """The run's folder, and the loss of every step, all on the same four crops."""
    still = {"half_body": 0, "rotation_deg": 0, "flip": 0, "scale": 0, "shift": 0}
    phase = {
        "images": 4 * STEPS, "input_size": "64x64", "batch_size": 4, "learning_rate": 5e-3, "vector_rate": 5,
        "augmentation": still,
    }  # fmt: skip
    content: dict[str, Any] = {
        "name": "run", "network": network, "phases": [phase], "ema": 0, "workers": 0, "threads": 1, "device": "cpu",
        "sets": [{"annotations": str(toy / "annotations.json"), "images": str(toy)}],
        "runs": str(folder), "cache": str(folder / "cache"),
    }  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content | switches), encoding="utf-8")
    losses: list[float] = []
    report = Report(lambda step: losses.append(float(step.losses["loss"])), lambda metrics: None, lambda *_: None)
    return train(load_config(path), report), losses


@pytest.mark.filterwarnings("ignore:`torch.jit.load` is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("network", "switches"), CASES)
def test_network_trains_evaluates_exports_and_processes(
    network: str, switches: dict[str, bool], toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    run, losses = train_on(toy, tmp_path, network, switches)
    assert len(losses) == STEPS
    assert losses[-1] < 0.9 * losses[0]

    trained = str(run / "weights.safetensors")
    assert main(["weights", "import", trained, "--as", "mine", "--network", network, "--keypoints", "17"]) == 0

    common = ["--model", "mine", "--engine", "torch-eager"]
    labels = ["--annotations", str(toy / "annotations.json"), "--images", str(toy)]
    assert main(["evaluate", *common, *labels, "--json", "figures.json"]) == 0
    figures = json.loads(Path("figures.json").read_text(encoding="utf-8"))
    assert (figures["images"], figures["people"], figures["matched"]) == (4, 4, 1)
    assert 0 < figures["oks"] <= 1

    assert main(["export", "mine", "--format", "torchscript", "--output", "pose.pt"]) == 0
    images = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = load_network(resolve("mine"))(images).numpy()
        scripted = torch.jit.load(io.BytesIO(Path("pose.pt").read_bytes()))(images).numpy()
    np.testing.assert_allclose(scripted, expected, atol=1e-3 * expected.std())
    if network == NETWORK_IN_ONNX:
        assert main(["export", "mine", "--output", "pose.onnx"]) == 0
        (heatmaps,) = onnxruntime.InferenceSession("pose.onnx").run(["heatmaps"], {"images": images.numpy()})
        np.testing.assert_allclose(heatmaps, expected, atol=1e-3 * expected.std())

    picture = str(toy / "0001.png")
    assert main(["process", picture, *common, "--detector", "whole-frame", "--keypoints", "found.jsonl"]) == 0
    header, frame = (json.loads(line) for line in Path("found.jsonl").read_text(encoding="utf-8").splitlines())
    assert header["model"] == "mine"
    (person,) = frame["persons"]
    assert np.array(person["keypoints"]).shape == (17, 3)

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from model.errors import EngineError
from model.export import export_onnx
from model.zoo import load_catalogue

MODEL = load_catalogue().bare_network("lite-hrnet-18").model_copy(update={"input_size": (64, 32)})


class TinyNetwork(nn.Module):
    """Exports in a second, where a Lite-HRNet takes ten."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 17, 3, stride=4, padding=1)
        self.bn = nn.BatchNorm2d(17)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    torch.manual_seed(1)
    network = TinyNetwork().eval()
    monkeypatch.setattr("model.export.load_network", lambda model: network)
    return network


def test_plain_graph_takes_any_number_of_normalised_images(network: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "그래프 graph.onnx"
    export_onnx(MODEL, path, with_preprocessing=False)
    session = onnxruntime.InferenceSession(path.read_bytes())
    (entry,) = session.get_inputs()
    assert (entry.name, entry.type, entry.shape[1:]) == ("images", "tensor(float)", [3, 64, 32])
    for count in (1, 5):
        images = np.random.default_rng(count).normal(size=(count, 3, 64, 32)).astype(np.float32)
        (heatmaps,) = session.run(["heatmaps"], {"images": images})
        with torch.inference_mode():
            np.testing.assert_allclose(heatmaps, network(torch.from_numpy(images)).numpy(), atol=1e-4)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_graph_with_preprocessing_takes_crops_as_they_were_cut(network: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    export_onnx(MODEL, path, with_preprocessing=True)
    session = onnxruntime.InferenceSession(path.read_bytes())
    (entry,) = session.get_inputs()
    assert (entry.name, entry.type, entry.shape[1:]) == ("crops", "tensor(uint8)", [64, 32, 3])


def test_graph_that_disagrees_is_not_written(
    network: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Drifting(onnxruntime.InferenceSession):
        def run(self, *arguments: object) -> list[np.ndarray]:
            return [super().run(*arguments)[0] + 1]

    monkeypatch.setattr(onnxruntime, "InferenceSession", Drifting)
    with pytest.raises(EngineError, match="disagrees with PyTorch"):
        export_onnx(MODEL, tmp_path / "graph.onnx", with_preprocessing=False)
    assert list(tmp_path.iterdir()) == []

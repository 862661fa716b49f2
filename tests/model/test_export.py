import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from model.errors import EngineError
from model.export import export_onnx, export_torchscript
from model.input_size import InputSize
from model.normalisation import MEAN, STD
from model.zoo import DetectorWeightSet, load_catalogue, resolve_detector

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


def test_what_the_exporter_misses_is_told_with_a_way_that_mends_it(
    network: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older(*_: object) -> None:
        raise ModuleNotFoundError(name="onnxscript.of_a_later_release")

    monkeypatch.setattr("model.export._write_onnx", older)
    with pytest.raises(EngineError, match=r"needs onnxscript\S*; install it: pip install --upgrade onnx onnxscript"):
        export_onnx(MODEL, tmp_path / "a.onnx", with_preprocessing=False)
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize("export", [export_onnx, export_torchscript])
def test_files_name_no_folder_of_the_machine(network: nn.Module, tmp_path: Path, export: Callable[..., None]) -> None:
    path = tmp_path / "exported"
    export(MODEL, path, with_preprocessing=True)
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    for folder in (Path(__file__).parents[2], Path(torch.__file__).parent):
        assert str(folder).encode() not in content


def test_graph_with_preprocessing_takes_crops_as_they_were_cut(network: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    export_onnx(MODEL, path, with_preprocessing=True)
    session = onnxruntime.InferenceSession(path.read_bytes())
    (entry,) = session.get_inputs()
    assert (entry.name, entry.type, entry.shape[1:]) == ("crops", "tensor(uint8)", [64, 32, 3])


@pytest.mark.filterwarnings("ignore:`torch.jit.load` is deprecated:DeprecationWarning")
@pytest.mark.parametrize("with_preprocessing", [False, True])
def test_torchscript_runs_without_the_project(network: nn.Module, tmp_path: Path, with_preprocessing: bool) -> None:
    path = tmp_path / "그물 network.pt"
    export_torchscript(MODEL, path, with_preprocessing)
    script = torch.jit.load(io.BytesIO(path.read_bytes()))
    crops = np.random.default_rng(3).integers(0, 256, (5, 64, 32, 3), dtype=np.uint8)
    images = ((crops - np.float32(MEAN)) / np.float32(STD)).transpose(0, 3, 1, 2)
    with torch.inference_mode():
        heatmaps = script(torch.from_numpy(crops if with_preprocessing else images))
        expected = network(torch.from_numpy(images))
    np.testing.assert_allclose(heatmaps.numpy(), expected.numpy(), atol=1e-4)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


class FixedBatch(TinyNetwork):
    """Counts its crops in Python, so that tracing builds their number in."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * float(len(x))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_torchscript_with_a_batch_size_built_in_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.export.load_network", lambda model: FixedBatch().eval())
    with pytest.raises(EngineError, match="the TorchScript of lite-hrnet-18 disagrees with PyTorch"):
        export_torchscript(MODEL, tmp_path / "network.pt", with_preprocessing=False)
    assert list(tmp_path.iterdir()) == []


class Detector(nn.Module):
    """The person detector's answers, at a fraction of its size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 32, stride=32)

    def forward(self, x: Tensor) -> Tensor:
        cells = self.conv(x).flatten(2).transpose(1, 2)
        return torch.cat((cells[..., :4] * 300, cells[..., 4:].sigmoid()), dim=2)


def detector(side: int) -> DetectorWeightSet:
    return resolve_detector("default").model_copy(
        update={"network": "person-detector", "input_size": InputSize(side, side)}
    )


def test_a_detector_of_the_smallest_size_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.export.load_network", lambda model: Detector().eval())
    path = tmp_path / "graph.onnx"
    export_onnx(detector(32), path, with_preprocessing=True)
    session = onnxruntime.InferenceSession(path.read_bytes())
    assert session.run(None, {"crops": np.zeros((1, 64, 128, 3), np.uint8)})[0].shape == (1, 8, 5)


def test_wrong_scores_are_seen_beside_boxes_of_hundreds_of_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Surer(onnxruntime.InferenceSession):
        def run(self, *arguments: object) -> list[np.ndarray]:
            return [super().run(*arguments)[0] + np.float32([0, 0, 0, 0, 0.01])]

    monkeypatch.setattr("model.export.load_network", lambda model: Detector().eval())
    monkeypatch.setattr(onnxruntime, "InferenceSession", Surer)
    with pytest.raises(EngineError, match=r"disagrees with PyTorch by .* of the scores"):
        export_onnx(detector(96), tmp_path / "graph.onnx", with_preprocessing=False)


def test_an_exporter_that_fails_is_told_in_one_line(
    network: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Failed to export the model.\nNext steps:\n- read the report")

    monkeypatch.setattr(torch.onnx, "export", fail)
    with pytest.raises(EngineError) as caught:
        export_onnx(MODEL, tmp_path / "graph.onnx", with_preprocessing=False)
    assert str(caught.value).startswith(f"cannot export {MODEL.name} to ONNX: Failed to export the model.; update onnx")
    assert list(tmp_path.iterdir()) == []


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

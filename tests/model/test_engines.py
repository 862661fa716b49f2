import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

import model.export
import model.zoo
from model.arrays import FloatArray, UInt8Array
from model.engines import create_engine, graph
from model.engines.preprocessing import FromCrops, fold_batch_norms
from model.errors import EngineError
from model.networks import build_network
from model.zoo import PoseModel, load_catalogue
from model.zoo.store import CACHE_VARIABLE

pytestmark = pytest.mark.usefixtures("shallow_networks")
MODEL = load_catalogue().bare_network("lite-hrnet-18").model_copy(update={"input_size": (64, 32)})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for the module, in a path with a space and Korean letters."""
    return tmp_path_factory.mktemp("캐시 folder")


@pytest.fixture(autouse=True)
def _use_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))


def lively_network(pose: PoseModel) -> nn.Module:
    """Random weights and batch-norm statistics: with fresh ones, swapped or forgotten operations pass unseen."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = build_network(pose.network, pose.keypoints)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            if isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1, 0.1)
                nn.init.normal_(module.bias, 0, 0.1)
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)
    return network.eval()


@pytest.fixture(autouse=True)
def _lively_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    # Both are imported above: imported later, export would keep the patched one.
    monkeypatch.setattr("model.zoo.load_network", lively_network)
    monkeypatch.setattr("model.export.load_network", lively_network)


@pytest.fixture(scope="module")
def crops() -> UInt8Array:
    return np.random.default_rng(5).integers(0, 256, (3, 64, 32, 3), np.uint8)


@pytest.fixture(scope="module")
def expected(crops: UInt8Array) -> FloatArray:
    """The network in plain PyTorch, normalised as the facts of its training say."""
    images = (crops.astype(np.float32) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    with torch.inference_mode():
        heatmaps = lively_network(MODEL)(torch.from_numpy(images.astype(np.float32)).permute(0, 3, 1, 2))
    return heatmaps.numpy()


@pytest.mark.parametrize("name", ["torch-eager", "torch", "onnxruntime", "openvino"])
def test_every_engine_gives_the_networks_heatmaps(name: str, crops: UInt8Array, expected: FloatArray) -> None:
    engine = create_engine(MODEL, name, "cpu", threads=1)
    assert (engine.name, engine.device) == (name, "CPU")
    for count in (3, 1, 2):
        heatmaps = engine.infer(crops[:count])
        assert heatmaps.dtype == np.float32
        assert np.abs(heatmaps - expected[:count]).max() < 1e-3 * expected.std()


@pytest.mark.parametrize("name", ["torch-bf16", "openvino-bf16"])
def test_bfloat16_is_near_or_refused(name: str, crops: UInt8Array, expected: FloatArray) -> None:
    try:
        engine = create_engine(MODEL, name, "cpu", threads=1)
    except EngineError:
        pytest.skip("this CPU has no bfloat16")
    assert engine.name == name
    heatmaps = engine.infer(crops)
    assert heatmaps.dtype == np.float32
    difference = np.abs(heatmaps - expected)
    assert 1e-4 * expected.std() < difference.mean() < 0.02 * expected.std()


def test_bfloat16_is_refused_where_it_would_be_imitated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.ops.mkldnn._is_mkldnn_bf16_supported", lambda: False)
    with pytest.raises(EngineError, match=r"torch-bf16: this CPU has no bfloat16 arithmetic; use --engine torch"):
        create_engine(MODEL, "torch-bf16", "cpu")
    import openvino

    monkeypatch.setattr(openvino.Core, "get_property", lambda *_: ["FP32", "INT8"])
    with pytest.raises(EngineError, match="openvino-bf16: this CPU has no bfloat16 arithmetic; use --engine openvino"):
        create_engine(MODEL, "openvino-bf16", "cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="float16 needs a GPU")
def test_float16_is_near(crops: UInt8Array, expected: FloatArray) -> None:
    engine = create_engine(MODEL, "torch-fp16", "cuda")
    assert np.abs(engine.infer(crops) - expected).max() < 0.02 * expected.std()


def test_answers_are_the_callers_to_keep(crops: UInt8Array) -> None:
    engine = create_engine(MODEL, "openvino", "cpu", threads=1)
    first = engine.infer(crops[:1])
    kept = first.copy()
    engine.infer(crops[1:2])
    np.testing.assert_array_equal(first, kept)


def test_automatic_choice_says_what_it_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.engines.torch_engine.best_device", lambda: "cpu")
    engine = create_engine(MODEL)
    assert (engine.name, engine.device) == ("onnxruntime", "CPU")


def test_graph_is_exported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = graph.graph_of(MODEL)
    monkeypatch.delattr("model.export.export_onnx")
    assert graph.graph_of(MODEL) == first
    assert [path for path in first.parent.iterdir() if path.suffix != ".onnx"] == []


def test_damaged_graph_is_reported_with_its_remedy(cache: Path) -> None:
    path = graph.graph_of(MODEL)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    try:
        for name in ("onnxruntime", "openvino"):
            with pytest.raises(EngineError, match="delete that file") as caught:
                create_engine(MODEL, name, "cpu")
            assert str(path) in str(caught.value)
            assert "\n" not in str(caught.value)
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("engine", "device", "message"),
    [
        ("tensorrt", "auto", "choose one of auto, torch-eager"),
        ("auto", "tpu", "choose one of auto, cpu"),
        ("openvino", "cuda", "--engine torch"),
        ("onnxruntime", "mps", "--device cpu"),
        ("torch-fp16", "cpu", "--engine torch"),
        ("openvino-bf16", "cuda", "--engine torch"),
    ],
)
def test_unknown_and_unfit_choices_name_the_remedy(engine: str, device: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        create_engine(MODEL, engine, device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
@pytest.mark.parametrize("engine", ["auto", "torch", "onnxruntime"])
def test_absent_cuda_is_an_error_not_a_silent_cpu(engine: str) -> None:
    with pytest.raises(EngineError, match="cuda"):
        create_engine(MODEL, engine, "cuda")


@pytest.mark.parametrize("engine", ["onnxruntime", "auto"])
def test_cuda_whose_libraries_do_not_load_is_an_error_too(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where ONNX Runtime is chosen since PyTorch has no CUDA."""

    def falls_back(content: bytes, options: object, providers: list[str]) -> onnxruntime.InferenceSession:
        return real(content, options, providers=["CPUExecutionProvider"])

    real = onnxruntime.InferenceSession
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("onnxruntime.InferenceSession", falls_back)
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CUDAExecutionProvider"])
    with pytest.raises(EngineError, match="device cuda; install the CUDA and cuDNN libraries"):
        create_engine(MODEL, engine, "cuda")


def test_folding_leaves_no_batch_norm_and_the_same_answer(crops: UInt8Array, expected: FloatArray) -> None:
    network = lively_network(MODEL)
    fold_batch_norms(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    with torch.inference_mode():
        heatmaps = FromCrops(network).eval()(torch.from_numpy(crops)).numpy()
    assert np.abs(heatmaps - expected).max() < 1e-3 * expected.std()


def test_listing_engines_imports_no_runtime() -> None:
    import subprocess

    code = "import sys, model.engines; print([m for m in ('torch', 'onnxruntime', 'openvino') if m in sys.modules])"
    root = Path(model.zoo.__file__).parents[2]
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"

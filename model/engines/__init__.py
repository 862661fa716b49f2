"""Engines that run pose networks; each is imported when it is asked for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from model.engines.base import Engine
from model.engines.hardware import may_have_gpu
from model.errors import EngineError
from model.zoo import DetectorWeightSet, PoseModel

if TYPE_CHECKING:
    from model.engines.torch_engine import Precision

ENGINE_NAMES = (
    "auto",
    "torch-eager",
    "torch",
    "torch-bf16",
    "torch-fp16",
    "onnxruntime",
    "openvino",
    "openvino-bf16",
)
DEVICE_NAMES = ("auto", "cpu", "cuda", "mps")

__all__ = ["DEVICE_NAMES", "ENGINE_NAMES", "Engine", "create_engine"]


def create_engine(
    model: PoseModel | DetectorWeightSet, engine: str = "auto", device: str = "auto", threads: int | None = None
) -> Engine:
    """An engine that runs a model; to be used on the thread that creates it.

    Args:
        model: What to run, a pose network or the person detector; its weights must be on this machine.
        engine: One of ENGINE_NAMES. "auto" is PyTorch on a GPU that it can use, else ONNX Runtime. A precision other
            than float32 stands behind the name.
        device: One of DEVICE_NAMES. "auto" is the GPU for PyTorch where it sees one, else the CPU.
        threads: CPU threads; None leaves the choice to the engine.

    Raises:
        EngineError: This machine does not offer the engine or the device.
        WeightsError: The weights are absent or damaged.
        CheckpointError: The weights do not fit the network.
    """
    if engine not in ENGINE_NAMES:
        raise EngineError(f"no engine is named {engine!r}; choose one of {', '.join(ENGINE_NAMES)}")
    if device not in DEVICE_NAMES:
        raise EngineError(f"no device is named {device!r}; choose one of {', '.join(DEVICE_NAMES)}")
    name, _, suffix = engine.partition("-")
    if name == "openvino" or (engine == "onnxruntime" and device == "auto"):
        device = "cpu" if device == "auto" else device
    if device == "auto" and not may_have_gpu():
        device = "cpu"
    if device == "auto":
        from model.engines.torch_engine import best_device

        device = best_device()
    if engine == "auto":
        engine = "onnxruntime" if device == "cpu" or _onnxruntime_alone_has(device) else "torch"

    if engine == "onnxruntime":
        from model.engines.graph import graph_of
        from model.engines.onnxruntime_engine import OnnxRuntimeEngine, provider_of

        provider_of(device)  # before a graph is exported for nothing
        return OnnxRuntimeEngine(graph_of(model), device, threads)
    if name == "openvino":
        from model.engines.graph import graph_of
        from model.engines.openvino_engine import OpenVinoEngine, require_cpu

        require_cpu(device)
        return OpenVinoEngine(graph_of(model), device, threads, bf16=suffix == "bf16")
    from model.engines.torch_engine import TorchEngine
    from model.zoo import load_network

    precision: Precision = "bf16" if suffix == "bf16" else "fp16" if suffix == "fp16" else "float32"
    return TorchEngine(load_network(model), device, suffix != "eager", threads, precision)


def _onnxruntime_alone_has(device: str) -> bool:
    """Whether a GPU can be used, but not by PyTorch, as with onnxruntime-gpu beside PyTorch's build for CPUs."""
    from model.engines.onnxruntime_engine import provider_of
    from model.engines.torch_engine import require_device

    def usable(require: Callable[[str], object]) -> bool:
        try:
            require(device)
        except EngineError:
            return False
        return True

    return not usable(require_device) and usable(provider_of)

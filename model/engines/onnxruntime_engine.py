"""ONNX Runtime on the CPU or, with onnxruntime-gpu installed, on CUDA."""

from pathlib import Path

import onnxruntime

from model.arrays import FloatArray, UInt8Array
from model.errors import EngineError

onnxruntime.disable_telemetry_events()  # of Windows, where the variable in model/__init__.py counts for nothing
_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


class OnnxRuntimeEngine:
    """Runs an exported graph.

    Args:
        graph: ONNX file that takes crops (N, H, W, 3) uint8.
        device: "cpu" or "cuda".
        threads: How many threads it uses; None for as many as there are physical cores.

    Raises:
        EngineError: ONNX Runtime cannot use the device, or cannot read the graph.
    """

    name = "onnxruntime"

    def __init__(self, graph: Path, device: str, threads: int | None = None) -> None:
        provider = provider_of(device)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        # Threads that spin between two small networks take the core that the other one needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            # As bytes: paths with letters beyond the system's code page do not open everywhere.
            self._session = onnxruntime.InferenceSession(graph.read_bytes(), options, providers=[provider])
        except Exception as error:  # ONNX Runtime raises its own kinds, which share no narrower base
            reason = str(error).splitlines()[0]
            raise EngineError(
                f"engine onnxruntime cannot run {graph}: {reason}; delete that file and try again"
            ) from error
        if self._session.get_providers()[0] != provider:  # it goes on with the CPU where libraries do not load
            raise _unusable(device, "install the CUDA and cuDNN libraries that onnxruntime-gpu needs")
        self.device = device.upper()
        self._input = self._session.get_inputs()[0].name

    def infer(self, crops: UInt8Array) -> FloatArray:
        heatmaps: FloatArray = self._session.run(None, {self._input: crops})[0]
        return heatmaps


def provider_of(device: str) -> str:
    """What ONNX Runtime calls a device.

    Raises:
        EngineError: This build of ONNX Runtime cannot use the device.
    """
    provider = _PROVIDERS.get(device)
    if provider is None or provider not in onnxruntime.get_available_providers():
        raise _unusable(device, "install onnxruntime-gpu" if device == "cuda" else "use --engine torch")
    return provider


def _unusable(device: str, advice: str) -> EngineError:
    return EngineError(f"engine onnxruntime cannot use device {device}; {advice} or use --device cpu")

"""OpenVINO on the CPU."""

from pathlib import Path

import openvino

from model.arrays import FloatArray, UInt8Array
from model.engines.base import no_bfloat16
from model.errors import EngineError


class OpenVinoEngine:
    """Runs an exported graph.

    Args:
        graph: ONNX file that takes crops (N, H, W, 3) uint8.
        device: "cpu"; no other is offered here.
        threads: How many threads it uses; None leaves the choice to OpenVINO.
        bf16: Whether it computes in bfloat16, with 8 bits of mantissa.

    Raises:
        EngineError: The device is another, the CPU has no bfloat16 arithmetic, or OpenVINO cannot read the graph.
    """

    device = "CPU"

    def __init__(self, graph: Path, device: str, threads: int | None = None, bf16: bool = False) -> None:
        require_cpu(device)
        self.name = "openvino-bf16" if bf16 else "openvino"
        # Said outright: where the CPU knows bfloat16, OpenVINO would take it unasked.
        precision = "bf16" if bf16 else "f32"
        settings: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
        if threads is not None:
            settings["INFERENCE_NUM_THREADS"] = threads
        core = openvino.Core()
        if bf16 and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise no_bfloat16("openvino-bf16", "CPU", "openvino")
        try:
            compiled = core.compile_model(core.read_model(graph.read_bytes()), "CPU", settings)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise EngineError(
                f"engine openvino cannot run {graph}: {reason}; delete that file and try again"
            ) from error
        self._request = compiled.create_infer_request()

    def infer(self, crops: UInt8Array) -> FloatArray:
        outputs = self._request.infer([crops], share_inputs=True)
        heatmaps: FloatArray = outputs[0].copy()
        return heatmaps


def require_cpu(device: str) -> None:
    """Raise EngineError for any device but the CPU, saying what to do."""
    if device != "cpu":
        raise EngineError(f"engine openvino runs on the CPU alone; use --device cpu or --engine torch for {device}")

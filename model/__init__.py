"""The networks, and all that runs, trains and measures them."""

import os
import sys

# Both report their use to their makers unless told otherwise, which nobody who points a camera at people expects. Here,
# for they look when they are imported: ONNX Runtime for this variable, OpenVINO for the package that would report.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

"""No library that comes along keeps a record of its use, or sends one."""

import os
import subprocess
import sys
from pathlib import Path

USE = """
import model
import onnx.helper as make
import numpy as np
import onnxruntime, openvino

kind = make.make_tensor_type_proto(1, [1])
ends = [[make.make_value_info(name, kind)] for name in "xy"]
graph = make.make_graph([make.make_node("Identity", ["x"], ["y"])], "g", *ends)
content = make.make_model(graph, ir_version=10, opset_imports=[make.make_opsetid("", 17)]).SerializeToString()
onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": np.zeros(1, np.float32)})
openvino.Core().compile_model(openvino.Core().read_model(content), "CPU")
"""


def test_engines_leave_nothing_in_the_home_folder(tmp_path: Path) -> None:
    places = {name: str(tmp_path) for name in ("HOME", "USERPROFILE", "LOCALAPPDATA")}
    unset = ("CI", "TF_BUILD", "JENKINS_URL", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")  # with which they keep quiet
    environment = {name: value for name, value in os.environ.items() if name not in unset} | places
    subprocess.run([sys.executable, "-c", USE], check=True, timeout=60, env=environment)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

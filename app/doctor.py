"""What this machine has of all that the program can use: each thing is tried, not looked up."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import numpy as np

from app.machine import processor, system

State = Literal["ok", "absent", "broken"]
_REINSTALL = "pip install --force-reinstall -r requirements.txt"
_OF_A_BUNDLE = "nothing can be installed into a bundle: get another one, or run the project from its source"
PACKAGES = (
    "torch", "onnxruntime", "openvino", "mediapipe", "opencv-contrib-python", "av", "numpy", "scipy", "onnx",
    "onnxscript", "pycocotools", "pillow", "safetensors", "pydantic", "pyyaml", "platformdirs", "requests", "filelock",
    "PyQt6", "pyqtgraph", "python-osc", "websockets",
)  # fmt: skip
_IN_ITS_PLACE = {"onnxruntime": ("onnxruntime-gpu",)}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        group: What kind of thing it is.
        name: What was looked at.
        state: "ok", "absent" (not here, which may be fine) or "broken" (here, and failing).
        detail: What was found, or why it failed.
        remedy: What to do about it; empty where nothing need be done.
    """

    group: str
    name: str
    state: State
    detail: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything; opens no camera and fetches nothing."""
    findings = [Finding("machine", "processor", "ok", processor()), Finding("machine", "system", "ok", system())]
    findings += [_package(name) for name in PACKAGES]
    findings += [
        _tried("package", "OpenCV", _try_opencv, f"{_REINSTALL}; on a bare Debian or Ubuntu: apt install libgl1"),
        _tried("device", "cuda", _try_cuda, "see README.md, GPU"),
        _tried("device", "mps", _try_mps, ""),
        _tried("engine", "torch", _try_torch, "pip install -r requirements.txt"),
        _tried("engine", "onnxruntime", _try_onnxruntime, "pip install -r requirements.txt, or use --engine torch"),
        _tried("engine", "openvino", _try_openvino, "pip install -r requirements.txt, or use another --engine"),
        _tried("detector engine", "mediapipe", _try_mediapipe, "pip install -r requirements.txt, or use picodet-320"),
        _tried("video", "H.264 encoder", _try_h264, "pip install --force-reinstall av"),
        _tried("video", "decoders", _try_decoders, "pip install --force-reinstall av"),
        _tried("camera", "listed", _list_cameras, "plug one in, or allow access to it"),
        _tried("output", "virtual camera", _try_virtual_camera, "for --virtual-camera alone: pip install pyvirtualcam"),
        _tried("window", "libraries", _try_window, f"{_REINSTALL}; on a bare Debian or Ubuntu see README.md, Systems"),
    ]
    findings += [_display(), *_weights(), *_folders()]
    if getattr(sys, "frozen", False):
        return [replace(each, remedy=_OF_A_BUNDLE) if "pip install" in each.remedy else each for each in findings]
    return findings


def _package(name: str) -> Finding:
    for known in (name, *_IN_ITS_PLACE.get(name, ())):
        if (installed := _version(known)) is not None:
            return Finding("package", known, "ok", installed)
    return Finding("package", name, "absent", "not installed", "pip install -r requirements.txt")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


class _AbsentError(Exception):
    """A thing is not here, which may be fine."""


def _require_one_of(names: Iterable[str]) -> None:
    """Packages that share one folder overwrite each other's files."""
    found = [name for name in names if _version(name) is not None]
    if len(found) > 1:
        raise RuntimeError(f"{' and '.join(found)} overwrite each other; pip uninstall {' '.join(found)} first")


def _try_opencv() -> str:
    _require_one_of(
        ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
    )
    return str(import_module("cv2").__version__)


def _try_cuda() -> str:
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    if torch.version.cuda is None:
        raise _AbsentError("this PyTorch is built without CUDA")
    raise _AbsentError("no NVIDIA GPU or driver found")


def _try_mps() -> str:
    import torch

    if not torch.backends.mps.is_available():
        raise _AbsentError("not a Mac with an Apple GPU")
    return "Apple GPU"


def _tried(group: str, name: str, attempt: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(group, name, "ok", attempt())
    except (_AbsentError, ModuleNotFoundError) as error:
        return Finding(group, name, "absent", str(error), remedy)
    except Exception as error:  # whatever a native library raises is what this command is here to show
        reason = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        return Finding(group, name, "broken", reason, remedy)


def _try_torch() -> str:
    import torch

    torch.nn.functional.conv2d(torch.zeros(1, 3, 8, 8), torch.zeros(4, 3, 3, 3))
    return f"runs on the CPU, {torch.get_num_threads()} threads"


def _identity_graph() -> bytes:
    """An ONNX graph that hands on what it is given."""
    from onnx import TensorProto, helper

    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "identity", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())


def _try_onnxruntime() -> str:
    _require_one_of(("onnxruntime", *_IN_ITS_PLACE["onnxruntime"]))
    import onnxruntime

    session = onnxruntime.InferenceSession(_identity_graph(), providers=onnxruntime.get_available_providers())
    session.run(None, {"x": np.zeros((1, 4), np.float32)})
    names = [name.removesuffix("ExecutionProvider") for name in session.get_providers() if name[:5] != "Azure"]
    return f"runs on {', '.join(names)}"


def _try_openvino() -> str:
    import openvino

    core = openvino.Core()
    core.compile_model(core.read_model(_identity_graph()), "CPU")([np.zeros((1, 4), np.float32)])
    return f"runs on the CPU; devices: {', '.join(core.available_devices)}"


def _try_mediapipe() -> str:
    import_module("mediapipe.tasks.python.vision")
    return "loads"


def _try_h264() -> str:
    import io

    import av

    with av.open(io.BytesIO(), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=30, width=64, height=64, pix_fmt="yuv420p")
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="bgr24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return "libx264 writes"


def _try_decoders() -> str:
    import av

    names = {"h264": "H.264", "hevc": "HEVC", "vp9": "VP9", "av1": "AV1", "mpeg4": "MPEG-4", "mjpeg": "MJPEG"}
    return ", ".join(shown for name, shown in names.items() if name in av.codecs_available)


def _list_cameras() -> str:
    from app.sources.camera_list import list_cameras

    return ", ".join(f"{camera.index}: {camera.name}" for camera in list_cameras()) or "none"


def _try_virtual_camera() -> str:
    import_module("pyvirtualcam")
    return "pyvirtualcam loads; whether there is a device shows when it is used"


def _try_window() -> str:
    """Load what the window is made of, without opening one."""
    loaded = {name: import_module(name) for name in ("PyQt6.QtWidgets", "pyqtgraph")}
    return f"PyQt6 and pyqtgraph {loaded['pyqtgraph'].__version__}"


def _display() -> Finding:
    """Where a window would open."""
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if chosen:
        return Finding("window", "Qt platform", "ok", f"{chosen} (QT_QPA_PLATFORM)")
    if sys.platform in ("win32", "darwin"):
        return Finding("window", "Qt platform", "ok", "windows" if sys.platform == "win32" else "cocoa")
    for variable, platform in (("WAYLAND_DISPLAY", "wayland"), ("DISPLAY", "xcb")):
        if os.environ.get(variable):
            return Finding("window", "Qt platform", "ok", f"{platform} ({variable}={os.environ[variable]})")
    return Finding(
        "window", "Qt platform", "absent", "no display: neither WAYLAND_DISPLAY nor DISPLAY is set",
        "start from a desktop session; `process` needs none",
    )  # fmt: skip


def _weights() -> list[Finding]:
    from app.stand_ins import BUILT_IN
    from model.errors import WeightsError
    from model.zoo import is_available, resolve, resolve_detector, weight_files

    findings = []
    for name, find in (("pose", resolve), ("detector", resolve_detector)):
        weight_set = find("default")
        try:
            here = is_available(weight_set)
            if here:
                weight_files(weight_set)
        except WeightsError as error:
            findings.append(_broken("weights", f"{name} (default)", error))
            continue
        if here:
            findings.append(Finding("weights", f"{name} (default)", "ok", weight_set.name))
        else:
            detail = f"{weight_set.name} not here; {find(BUILT_IN).name} comes along"
            remedy = f"python main.py weights fetch {weight_set.name}"
            findings.append(Finding("weights", f"{name} (default)", "absent", detail, remedy))
    return findings


def _folders() -> list[Finding]:
    from model.errors import WeightsError
    from model.zoo.fetch import mirror_folder

    findings = [_cache(), _settings()]
    try:
        if (mirror := mirror_folder()) is not None:
            findings.append(Finding("folder", "mirror", "ok", str(mirror)))
    except WeightsError as error:
        findings.append(_broken("folder", "mirror", error))
    return findings


def _cache() -> Finding:
    """Where weights are put: whether they can be is tried, without leaving anything there."""
    from tempfile import TemporaryFile

    from model.errors import WeightsError
    from model.zoo import cache_folder
    from model.zoo.store import CACHE_VARIABLE

    try:
        cache = cache_folder()
        there = next((folder for folder in (cache, *cache.absolute().parents) if folder.exists()), cache)
        with TemporaryFile(dir=there):
            return Finding("folder", "cache", "ok", str(cache))
    except WeightsError as error:
        return _broken("folder", "cache", error)
    except OSError as error:
        remedy = f"make room or permit it, or name another folder in {CACHE_VARIABLE}"
        return Finding("folder", "cache", "broken", f"{cache} cannot be written: {error.strerror}", remedy)


def _broken(group: str, name: str, error: Exception) -> Finding:
    """What an error of one line says: what is wrong; then the remedy."""
    reason, _, remedy = str(error).rpartition("; ")
    return Finding(group, name, "broken", reason, remedy)


def _settings() -> Finding:
    """The user's settings, read as the commands and the window read them."""
    from app.settings import load_settings, user_settings_path
    from model.errors import ConfigError

    path = user_settings_path()
    try:
        load_settings(path)
    except ConfigError as error:
        return _broken("folder", "settings", error)
    written = "written" if path.is_file() else "not written yet: all defaults"
    return Finding("folder", "settings", "ok", f"{path} ({written})")

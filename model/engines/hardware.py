"""Whether this machine may have a GPU that PyTorch can use, told without importing PyTorch, which takes seconds."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

_PCI_DEVICES = Path("/sys/bus/pci/devices")
_GPU_MAKERS = {"0x10de", "0x1002"}  # NVIDIA, AMD
_OTHER_SIGNS = (Path("/dev/nvidiactl"), Path("/dev/kfd"), Path("/dev/nvhost-ctrl"), Path("/dev/dxg"))

_NAMED_RUNTIME = re.compile(r"^(?:cuda|hip|xpu)\b[^=\n]*=\s*['\"]", re.MULTILINE)  # else it is None


def may_have_gpu() -> bool:
    """False where it is sure that there is none: a PyTorch built for CPUs alone, or a Linux without such hardware."""
    if sys.platform != "darwin" and not _built_for_gpus():
        return False
    if not sys.platform.startswith("linux"):
        return True
    makers = {vendor.read_text().strip() for vendor in _PCI_DEVICES.glob("*/vendor")}
    return bool(makers & _GPU_MAKERS) or any(sign.exists() for sign in _OTHER_SIGNS)


def _built_for_gpus() -> bool:
    """What PyTorch's own file says; the package's description does not tell it on Windows, and a bundle has none."""
    found = find_spec("torch")
    places = [] if found is None else found.submodule_search_locations or []
    files = [file for place in places if (file := Path(place) / "version.py").is_file()]
    return not files or any(_NAMED_RUNTIME.search(file.read_text(encoding="utf-8")) for file in files)

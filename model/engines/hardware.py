"""Whether this machine may have a GPU that PyTorch can use, told without importing PyTorch, which takes seconds."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PCI_DEVICES = Path("/sys/bus/pci/devices")
_GPU_MAKERS = {"0x10de", "0x1002"}  # NVIDIA, AMD
_OTHER_SIGNS = (Path("/dev/nvidiactl"), Path("/dev/kfd"), Path("/dev/nvhost-ctrl"), Path("/dev/dxg"))


def may_have_gpu() -> bool:
    """False where it is sure that there is none: a PyTorch built for CPUs alone, or a Linux without such hardware."""
    try:
        if version("torch").endswith("+cpu"):
            return False
    except PackageNotFoundError:
        pass  # in a bundle, which leaves the package's description out
    if not sys.platform.startswith("linux"):
        return True
    makers = {vendor.read_text().strip() for vendor in _PCI_DEVICES.glob("*/vendor")}
    return bool(makers & _GPU_MAKERS) or any(sign.exists() for sign in _OTHER_SIGNS)

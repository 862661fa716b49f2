"""Which cameras this machine has, found without opening one, which would light its lamp and lock other programs out."""

import platform
from dataclasses import dataclass
from pathlib import Path

_LINUX_CAMERAS = Path("/sys/class/video4linux")


@dataclass(frozen=True, order=True)
class CameraInfo:
    """A camera's index, as open_camera takes it, and what it calls itself."""

    index: int
    name: str


def list_cameras() -> list[CameraInfo]:
    """The machine's cameras by index; empty where there are none or the system does not tell."""
    if platform.system() == "Linux":
        return linux_cameras(_LINUX_CAMERAS)
    return _enumerated("dshow" if platform.system() == "Windows" else "avfoundation")


def linux_cameras(folder: Path) -> list[CameraInfo]:
    """Cameras by the kernel's own list, a folder with one entry for each video node.

    A camera may have several nodes (pictures, metadata); the file "index" numbers those of one device, and pictures
    come from the first.
    """
    cameras = []
    for node in folder.glob("video*"):
        number = node.name.removeprefix("video")
        try:
            first_of_device = (node / "index").read_text().strip() == "0"
            name = (node / "name").read_text(errors="replace").strip()
        except OSError:  # unplugged between listing and reading
            continue
        if number.isdigit() and first_of_device:
            cameras.append(CameraInfo(int(number), name))
    return sorted(cameras)


def _enumerated(framework: str) -> list[CameraInfo]:
    """Cameras in the order of the operating system's media framework.

    OpenCV counts in the same order on Windows; on macOS it sorts by identifier, so of several cameras the indices may
    be exchanged.
    """
    import av

    try:
        devices = av.enumerate_input_devices(framework)
    except av.FFmpegError:
        return []
    names = [device.description for device in devices if "video" in device.media_types]
    return [CameraInfo(i, name) for i, name in enumerate(names) if not name.startswith("Capture screen")]

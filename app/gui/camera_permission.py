"""Leave to use cameras, which some systems (macOS) ask the user for, and only on the GUI thread.

Without it OpenCV, which runs on another thread, would fail to open the camera the first time.
"""

from collections.abc import Callable

from PyQt6.QtCore import QCameraPermission, QCoreApplication, Qt

from app.live.opening import ANY_CAMERA


def needs_camera(spec: str) -> bool:
    """Whether a source as the user names it is a camera of this machine."""
    return spec == ANY_CAMERA or spec.isdigit() or spec.startswith("/dev/video")


def ask_for_cameras(application: QCoreApplication, then: Callable[[], None]) -> None:
    """Ask the user, if that is still to be done; then go on, for a refusal shows where the camera does not open.

    Args:
        application: The running one.
        then: Called at once where nothing is to be asked, else after the answer.
    """
    cameras = QCameraPermission()
    if application.checkPermission(cameras) == Qt.PermissionStatus.Undetermined:
        application.requestPermission(cameras, lambda _: then())
    else:
        then()

"""Leave to use cameras, which some systems (macOS) ask the user for, and only on the GUI thread.

Without it OpenCV, which runs on another thread, would fail to open the camera the first time.
"""

from collections.abc import Callable

from PyQt6.QtCore import QCameraPermission, QCoreApplication, Qt


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

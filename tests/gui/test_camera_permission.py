"""Systems that ask for cameras are asked, once and before the camera is opened."""

import pytest
from PyQt6.QtCore import Qt

from app.gui.camera_permission import ask_for_cameras
from app.live.opening import ANY_CAMERA, needs_camera


class _System:
    """Stands for the application of a system that asks."""

    def __init__(self, status: Qt.PermissionStatus) -> None:
        self.status = status
        self.questions = []

    def checkPermission(self, _: object) -> Qt.PermissionStatus:
        return self.status

    def requestPermission(self, _: object, answered) -> None:
        self.questions.append(answered)


@pytest.mark.parametrize("status", [Qt.PermissionStatus.Granted, Qt.PermissionStatus.Denied])
def test_what_was_answered_is_not_asked_again(status: Qt.PermissionStatus) -> None:
    system, opened = _System(status), []
    ask_for_cameras(system, lambda: opened.append(True))
    assert opened == [True]
    assert not system.questions


def test_the_camera_is_opened_after_the_answer() -> None:
    system, opened = _System(Qt.PermissionStatus.Undetermined), []
    ask_for_cameras(system, lambda: opened.append(True))
    assert not opened
    system.questions[0](object())
    assert opened == [True]


def test_this_system_answers(qapp) -> None:
    opened = []
    ask_for_cameras(qapp, lambda: opened.append(True))
    assert opened == [True]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [(ANY_CAMERA, True), ("0", True), ("/dev/video2", True), ("a.mp4", False), ("rtsp://a/0", False)],
)
def test_cameras_are_told_from_files(spec: str, expected: bool) -> None:
    assert needs_camera(spec) is expected

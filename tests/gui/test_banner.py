"""Of several messages the one that matters most is shown, and none is lost."""

import threading

import pytest
from PyQt6.QtWidgets import QApplication

from app.gui.banner import Banner
from app.live.building import MissingWeightsError
from app.live.news import Failure
from app.live.opening import ANY_CAMERA, DEMO_CLIP
from app.live.reader import Opened
from app.settings import CameraSettings
from model.errors import EngineError
from model.zoo import resolve
from tests.app.live.fakes import FakeFile
from tests.gui.controls import choose, find_button

_FAILURE = Failure.of(EngineError("it broke; mend it"))


@pytest.fixture
def banner(gui) -> Banner:
    return gui.window.banner


def test_a_note_waits_below_a_question_and_an_error_lies_above(banner: Banner) -> None:
    closed = []
    banner.show_note("question", (), about="model", on_close=lambda: closed.append(True))
    banner.show_note("note", (), about="demo")
    assert banner.text.text() == "question"
    banner.show_failure(_FAILURE, about="outputs")
    assert banner.text.text() == "it broke; mend it"
    banner.close_button.click()
    assert (banner.text.text(), closed) == ("question", [])
    banner.close_button.click()
    assert (banner.text.text(), closed) == ("note", [True])
    banner.close_button.click()
    assert not banner.isVisible()


def test_a_long_name_without_spaces_breaks_and_is_told_whole(gui, banner: Banner) -> None:
    name = f"/home/a/{'x' * 300}.mp4"
    banner.show_failure(Failure(f"{name} does not exist; check the path", ""), about="source")
    QApplication.processEvents()
    assert banner.minimumSizeHint().width() <= banner.width() <= gui.window.stage.width()
    assert banner.rect().contains(banner.close_button.geometry())
    lines = banner.text.height() // banner.text.fontMetrics().height()
    assert lines > 300 * banner.text.fontMetrics().horizontalAdvance("x") // banner.text.width()
    assert banner.text.verticalScrollBar().maximum() == 0  # all of it is in view
    assert banner.text.text().startswith(f"{name} does not exist.")
    banner.show_note("short", about="source")
    QApplication.processEvents()
    assert banner.text.height() < 2 * banner.text.fontMetrics().height()


def test_what_passes_lies_over_a_note_and_never_over_a_question(banner: Banner) -> None:
    banner.show_note("note", about="demo")
    banner.show_note("saved", about="recording", passing=True)
    assert banner.text.text() == "saved"
    banner._passing.timeout.emit()
    assert banner.text.text() == "note"
    banner.show_note("question", about="model", on_close=lambda: None)
    banner.show_note("saved", about="recording", passing=True)
    assert banner.text.text() == "question"
    banner.clear_about("model")
    assert banner.text.text() == "note"


def test_what_is_settled_goes_also_from_below(banner: Banner) -> None:
    banner.show_note("first", about="source")
    banner.show_failure(_FAILURE, about="outputs")
    banner.clear_about("source")
    assert banner.text.text() == "it broke; mend it"
    banner.clear_about("outputs")
    assert not banner.isVisible()


def test_progress_is_kept_while_something_else_is_shown(banner: Banner) -> None:
    banner.show_note("downloading", about="model", on_close=lambda: None)
    banner.show_failure(_FAILURE, about="outputs")
    banner.show_progress("downloading: 3 of 4", 3, 4, about="model")
    assert banner.text.text() == "it broke; mend it"
    assert not banner.progress.isVisible()
    banner.close_button.click()
    assert banner.text.text() == "downloading: 3 of 4"
    assert banner.progress.value() == 750


def test_a_source_that_opens_and_that_no_camera_was_found_outlive_a_change_of_the_language(gui, monkeypatch) -> None:
    go_on = threading.Event()

    def open_demo(spec: str, camera: CameraSettings) -> Opened:
        go_on.wait(10)
        return Opened(str(DEMO_CLIP), FakeFile(50))

    monkeypatch.setattr(gui.controller, "_opener", open_demo)
    gui.window.open(ANY_CAMERA)
    for language, opening, none_found in (
        ("ko", "카메라 여는 중…", "카메라를 찾지 못해"),
        ("en", "Opening camera…", "No camera was found"),
    ):
        former = gui.window
        choose(former.side.form.editor("window", "language").box, language)
        gui.wait(lambda former=former: gui.window is not former)
        if not go_on.is_set():
            assert gui.window.picture._message == opening
            go_on.set()
        gui.wait(lambda none_found=none_found: none_found in gui.window.banner.text.text())
    gui.window.banner.close_button.click()
    assert not gui.window.banner.isVisible()


def test_the_sign_takes_on_the_colours_of_another_theme(gui) -> None:
    banner = gui.window.banner
    banner.show_failure(_FAILURE, about="a test")
    dark = banner._sign.pixmap().toImage()
    gui.window._set("window", "theme", "light")
    light = banner._sign.pixmap().toImage()
    assert light != dark
    gui.window._set("window", "theme", "dark")
    assert banner._sign.pixmap().toImage() == dark


@pytest.mark.parametrize("weights_first", [True, False])
def test_without_camera_and_weights_both_are_told(gui, monkeypatch, weights_first: bool) -> None:
    gui.builder.errors["default"] = MissingWeightsError((resolve("default"),))
    monkeypatch.setattr(gui.controller, "_opener", lambda spec, camera: Opened(str(DEMO_CLIP), FakeFile(50)))
    banner = gui.window.banner
    if weights_first:
        gui.controller.apply(gui.settings)
        gui.wait(banner.isVisible)
    gui.window.open(ANY_CAMERA)
    gui.wait(lambda: gui.controller.source is not None and banner.isVisible())
    if not weights_first:
        gui.controller.apply(gui.settings)
    gui.wait(lambda: "not on this machine" in banner.text.text())
    assert find_button(banner, "Download").isVisible()
    banner.close_button.click()
    gui.wait(lambda: "No camera was found" in banner.text.text())

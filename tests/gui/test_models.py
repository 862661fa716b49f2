"""Choosing networks in the window, and getting their weights."""

import threading
import time

import pytest
from PyQt6.QtCore import QRect

from app.live.building import MissingWeightsError
from app.settings import load_settings
from model.errors import EngineError, WeightsError
from model.zoo import resolve
from tests.gui.controls import choose, find_button


def test_loading_is_told_in_the_picture(gui) -> None:
    gui.builder.loading_s = 0.5
    gui.controller.open("a.png")  # nothing in it moves
    gui.wait(lambda: gui.shown() is not None)
    plain = gui.window.picture.grab().toImage()
    gui.controller.apply(gui.settings)
    gui.wait(lambda: gui.window.picture._hint == "Loading tinypose-256x192…")
    corner = QRect(0, plain.height() - 60, 120, 60)
    assert gui.window.picture.grab().toImage().copy(corner) != plain.copy(corner)
    gui.wait(lambda: gui.shown().result is not None)
    gui.wait(lambda: gui.window.picture._hint == "")


@pytest.mark.parametrize("size", ["fast", "balanced", "accurate"])
def test_model_sizes_switch_the_network_and_are_kept(gui, size: str) -> None:
    gui.start()
    gui.window.toolbar.sizes.button(size).click()
    gui.wait(lambda: gui.controller.engine_info.model == size)
    assert gui.window.side.form.editor("pose", "model").box.currentData() == size
    gui.saver.flush()
    assert load_settings(gui.settings_path).pose.model == size


def test_a_size_that_means_the_same_as_another_says_so(gui) -> None:
    sizes = {size: gui.window.toolbar.sizes.button(size).toolTip() for size in ("fast", "balanced", "accurate")}
    for size, tip in sizes.items():
        others = [other for other in sizes if other != size and resolve(other) == resolve(size)]
        named = [other for other in sizes if f"the same as {other.capitalize()}" in tip]
        assert named == others


def test_every_model_of_the_catalogue_is_behind_more(gui) -> None:
    gui.start()
    menu = gui.window.toolbar.models
    menu.aboutToShow.emit()
    names = [action.data() for action in menu.actions()]
    assert "litehrnet18-coco-256x192-mmpose" in names
    next(action for action in menu.actions() if action.data() == "tinypose-128x96").trigger()
    gui.wait(lambda: gui.controller.engine_info.model == "tinypose-128x96")
    assert gui.window.toolbar.more.text() == "tinypose-128x96"
    gui.wait(lambda: gui.window.side.figures._facts["input"]._whole == "128 × 96")


def test_what_is_here_and_better_is_offered_once_and_stays_in_the_menu(gui, monkeypatch) -> None:
    better = {"tinypose-128x96": resolve("tinypose-256x192")}
    for place in ("presenter", "toolbar"):
        monkeypatch.setattr(f"app.gui.{place}.better_here", lambda model: better.get(model.name))
    gui.start()
    assert not gui.window.banner.isVisible()
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    assert "tinypose-256x192 is on this machine, as fast as tinypose-128x96" in gui.window.banner.text.text()
    menu = gui.window.toolbar.models
    menu.aboutToShow.emit()
    assert menu.actions()[0].text() == "As fast and more accurate: tinypose-256x192"
    find_button(gui.window.banner, "Use tinypose-256x192").click()
    gui.wait(lambda: gui.controller.engine_info.model == "tinypose-256x192")
    gui.wait(lambda: not gui.window.banner.isVisible())
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(lambda: gui.controller.engine_info.model == "fast")
    assert not gui.window.banner.isVisible()


def test_missing_weights_are_offered_and_declining_goes_back(gui) -> None:
    gui.start()
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    text = gui.window.banner.text.text()
    assert "tinypose-128x96 (pose network, 2.7 MB, Apache-2.0)" in text
    assert "Until then default and" in text, "what runs goes on"
    find_button(gui.window.banner, "Not now").click()
    gui.wait(lambda: gui.settings.pose.model == "default")
    assert gui.window.toolbar.sizes.button("balanced").isChecked()
    assert not gui.window.banner.isVisible()


def _download_fast(gui, monkeypatch, fetch) -> None:
    """Choose a size whose weights are missing, and have them fetched as `fetch` does."""
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))
    monkeypatch.setattr("app.live.download.ensure", fetch)
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    find_button(gui.window.banner, "Download").click()


def _fetch_for_ever(weight_set, progress) -> None:
    while True:
        progress(weight_set.files[0].name, 1_000_000, 2_000_000)
        time.sleep(0.01)


def test_missing_weights_are_downloaded_and_used(gui, monkeypatch) -> None:
    gui.start()
    go_on = threading.Event()

    def fetch(weight_set, progress) -> None:
        progress(weight_set.files[0].name, 1000, 2_000_000)
        go_on.wait(10)
        gui.builder.errors.clear()

    _download_fast(gui, monkeypatch, fetch)
    gui.wait(lambda: gui.window.banner.progress.isVisible() and "MB" in gui.window.banner.text.text())
    go_on.set()
    gui.wait(lambda: gui.controller.engine_info.model == "fast")
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_a_download_can_be_cancelled_and_is_offered_again(gui, monkeypatch) -> None:
    gui.start()
    _download_fast(gui, monkeypatch, _fetch_for_ever)
    gui.wait(lambda: "Downloading tinypose" in gui.window.banner.text.text())
    gui.window.toolbar.sizes.button("balanced").click()
    gui.wait(lambda: not gui.controller.loading)
    gui.window.toolbar.sizes.button("fast").click()  # after all
    gui.wait(lambda: "Downloading tinypose" in gui.window.banner.text.text())
    find_button(gui.window.banner, "Cancel").click()
    gui.wait(lambda: "not on this machine" in gui.window.banner.text.text())


def test_another_choice_during_a_download_is_asked_about_and_takes_its_place(gui, monkeypatch) -> None:
    gui.start()
    gui.builder.errors["accurate"] = MissingWeightsError((resolve("tinypose-256x192"),))
    fetched = []

    def fetch(weight_set, progress) -> None:
        if weight_set.name == "tinypose-128x96":
            _fetch_for_ever(weight_set, progress)
        fetched.append(weight_set.name)
        gui.builder.errors.clear()

    _download_fast(gui, monkeypatch, fetch)
    gui.wait(lambda: "Downloading tinypose" in gui.window.banner.text.text())
    gui.window.toolbar.sizes.button("accurate").click()
    gui.wait(lambda: "tinypose-256x192" in gui.window.banner.text.text())
    assert "not on this machine" in gui.window.banner.text.text()
    assert not gui.window.banner.progress.isVisible()
    find_button(gui.window.banner, "Download").click()
    gui.wait(lambda: gui.controller.engine_info.model == "accurate")
    assert fetched == ["tinypose-256x192"]
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_a_download_that_fails_when_nothing_needs_it_any_more_is_not_told(gui, monkeypatch) -> None:
    gui.start()
    go_on = threading.Event()

    def fetch(weight_set, progress) -> None:
        progress(weight_set.files[0].name, 1000, 2_000_000)
        go_on.wait(10)
        raise WeightsError("cannot fetch it")

    _download_fast(gui, monkeypatch, fetch)
    gui.wait(lambda: "Downloading tinypose" in gui.window.banner.text.text())
    gui.window.toolbar.sizes.button("accurate").click()
    gui.wait(lambda: gui.controller.engine_info.model == "accurate")
    go_on.set()
    gui.wait(lambda: not gui.controller.downloads)
    gui.qtbot.wait(50)
    assert not gui.window.banner.isVisible()


def test_closing_the_message_of_a_failed_download_goes_back_to_what_runs(gui, monkeypatch) -> None:
    gui.start()

    def fetch(weight_set, progress) -> None:
        raise WeightsError("cannot fetch it")

    _download_fast(gui, monkeypatch, fetch)
    gui.wait(lambda: "cannot fetch it" in gui.window.banner.text.text())
    gui.window.commands.escape.trigger()
    assert gui.settings.pose.model == "default"


def _change_language(gui) -> None:
    """Have the window made anew, in Korean."""
    former = gui.window
    choose(former.side.form.editor("window", "language").box, "ko")
    gui.wait(lambda: gui.window is not former)


def test_a_question_about_weights_outlives_a_change_of_the_language(gui) -> None:
    gui.start()
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(gui.window.banner.isVisible)
    _change_language(gui)
    assert "tinypose-128x96" in gui.window.banner.text.text()
    assert find_button(gui.window.banner, "내려받기").isVisible()
    find_button(gui.window.banner, "나중에").click()
    assert gui.settings.pose.model == "default"


def test_a_download_and_its_cancelling_outlive_a_change_of_the_language(gui, monkeypatch) -> None:
    gui.start()
    _download_fast(gui, monkeypatch, _fetch_for_ever)
    gui.wait(lambda: "MB" in gui.window.banner.text.text())
    _change_language(gui)
    gui.wait(lambda: "MB" in gui.window.banner.text.text())
    assert gui.window.banner.progress.isVisible()
    find_button(gui.window.banner, "취소").click()
    gui.wait(lambda: "내려받을까요" in gui.window.banner.text.text())


def test_a_failure_outlives_a_change_of_the_language_until_it_is_closed(gui) -> None:
    gui.start()
    gui.builder.errors["accurate"] = EngineError("device cuda: there is none; use --device cpu")
    gui.window.toolbar.sizes.button("accurate").click()
    gui.wait(gui.window.banner.isVisible)
    _change_language(gui)
    gui.builder.errors.clear()
    find_button(gui.window.banner, "다시 시도").click()
    gui.wait(lambda: gui.controller.engine_info.model == "accurate")
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_what_a_user_closed_stays_closed_when_the_language_changes(gui) -> None:
    gui.start()
    gui.builder.errors["accurate"] = EngineError("device cuda: there is none; use --device cpu")
    gui.window.toolbar.sizes.button("accurate").click()
    gui.wait(gui.window.banner.isVisible)
    gui.window.banner.close_button.click()
    _change_language(gui)
    assert not gui.window.banner.isVisible()


def test_trying_again_takes_the_choice_that_failed(gui) -> None:
    gui.start()
    gui.builder.errors["accurate"] = EngineError("device cuda: there is none; use --device cpu")
    gui.window.toolbar.sizes.button("accurate").click()
    gui.wait(gui.window.banner.isVisible)
    gui.window.commands.overlays["boxes"].trigger()  # what was changed meanwhile stays
    gui.builder.errors.clear()
    find_button(gui.window.banner, "Try again").click()
    gui.wait(lambda: gui.controller.engine_info.model == "accurate")
    assert gui.window.toolbar.sizes.button("accurate").isChecked()
    assert gui.settings.drawing.boxes


def test_a_network_that_fell_over_is_tried_again_by_button_and_by_choice(gui) -> None:
    gui.start()
    for again in (lambda: find_button(gui.window.banner, "Try again"), lambda: gui.window.toolbar.sizes.button("fast")):
        gui.window.toolbar.sizes.button("fast").click()
        gui.wait(lambda: gui.controller.engine_info is not None and gui.controller.engine_info.model == "fast")
        gui.builder.pipelines[-1].error = RuntimeError("out of memory")
        gui.wait(gui.window.banner.isVisible)
        again().click()
        gui.wait(lambda: not gui.window.banner.isVisible() and gui.controller.engine_info is not None)


def test_a_choice_that_fails_is_a_sentence_with_details_and_the_old_one_stays(gui) -> None:
    gui.start()
    error = EngineError("device cuda: PyTorch finds no NVIDIA GPU or driver; use --device cpu")
    gui.builder.errors["accurate"] = error
    gui.window.toolbar.sizes.button("accurate").click()
    gui.wait(gui.window.banner.isVisible)
    assert gui.window.banner.text.text() == str(error)
    assert not gui.window.banner.details.isVisible()
    find_button(gui.window.banner, "Details").click()
    assert gui.window.banner.details.isVisible()
    assert "EngineError" in gui.window.banner.details.toPlainText()
    gui.wait(lambda: gui.window.toolbar.sizes.button("balanced").isChecked())
    gui.wait(lambda: "fake, CPU" in gui.window.status._whole)
    gui.window.banner.close_button.click()
    assert not gui.window.banner.isVisible()


def test_a_model_that_is_no_more_is_told_and_another_can_be_chosen(gui) -> None:
    gui.builder.errors["was-my-own"] = WeightsError("no weight set is named 'was-my-own'; choose another")
    pose = gui.settings.pose.model_copy(update={"model": "was-my-own"})
    gui.controller.open("0")
    gui.window.take_settings(gui.settings.model_copy(update={"pose": pose}))
    gui.wait(gui.window.banner.isVisible)
    assert gui.window.banner.text.text().startswith("There is no model named 'was-my-own'. Choose another")
    gui.window.toolbar.models.aboutToShow.emit()
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(lambda: gui.shown() is not None and gui.shown().result is not None)
    gui.wait(lambda: not gui.window.banner.isVisible())


def test_choices_in_the_form_switch_detector_engine_and_device(gui) -> None:
    gui.start()
    for key, value in (("engine", "openvino"), ("device", "cpu")):
        choose(gui.window.side.form.editor("pose", key).box, value)
    choose(gui.window.side.form.editor("detection", "detector").box, "whole-frame")
    gui.wait(lambda: gui.controller.engine_info.detector == "whole-frame")
    assert (gui.settings.pose.engine, gui.settings.pose.device) == ("openvino", "cpu")


def test_closing_while_a_download_runs_is_quick(gui, monkeypatch) -> None:
    gui.start()
    _download_fast(gui, monkeypatch, _fetch_for_ever)
    gui.wait(lambda: "Downloading tinypose" in gui.window.banner.text.text())
    gui.close()
    assert not gui.controller.threads()

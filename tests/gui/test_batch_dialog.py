"""Processing files from the window."""

from pathlib import Path

import cv2
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QApplication, QFileDialog

from app.gui.batch_dialog import BatchDialog
from app.live.building import MissingWeightsError
from app.live.news import Failure
from app.sources.video_file import VideoFileSource
from model.zoo import resolve
from tests.app.clips import NOISE, shade, shades, write_clip
from tests.app.keypoint_files import read_keypoints_jsonl
from tests.gui.controls import choose, drop, find_button


def test_files_are_chosen_processed_and_shown(gui, tmp_path: Path, monkeypatch) -> None:
    clip = write_clip(tmp_path / "c.mp4", shades(8))
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(clip), str(bad)], ""))
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    assert dialog.isVisible()
    assert not dialog.start.isEnabled()
    dialog.add.click()
    dialog.add.click()  # twice the same
    assert dialog.table.rowCount() == 2
    for switch in dialog.switches.values():
        switch.setChecked(False)
    assert not dialog.start.isEnabled()
    dialog.switches["keypoints"].click()
    dialog.start.click()
    gui.wait(lambda: dialog.table.item(0, 2).text() == "done")
    gui.wait(lambda: dialog.table.item(1, 2).text() == "failed")
    assert "bad.mp4" in dialog.problems.text()
    gui.wait(dialog.start.isEnabled)
    written = list(gui.recordings.rglob("*.*"))
    assert [path.name for path in written if path.is_file()] == ["c.jsonl"]
    assert dialog.show_results.isVisible()
    dialog.table.selectRow(1)
    assert not dialog.open_result.isEnabled()
    dialog.table.selectRow(0)
    assert dialog.open_result.isEnabled()
    dialog.clear.click()
    assert dialog.table.rowCount() == 0


def test_many_problems_scroll_and_leave_the_dialog_its_size(gui, tmp_path: Path) -> None:
    paths = [tmp_path / f"{'x' * 200}{number}.mp4" for number in range(40)]
    for path in paths:
        path.write_bytes(b"no video")
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    dialog.resize(680, 460)
    dialog.add_paths(paths)
    dialog.start.click()
    gui.wait(dialog.start.isEnabled)
    QApplication.processEvents()  # parts tell those that hold them of other sizes by events
    assert (dialog.width(), dialog.height()) == (680, 460)
    assert dialog.minimumSizeHint().height() <= 460
    assert dialog.rect().contains(dialog.start.geometry())
    assert dialog.table.height() > 60
    assert all(path.name in dialog.problems.text() for path in paths)
    bar = dialog.problems.verticalScrollBar()
    bar.setValue(bar.maximum())
    dialog.refresh()
    assert bar.value() == bar.maximum() > 0


def test_only_rows_that_change_are_shown_anew_and_none_while_the_dialog_is_closed(
    gui, tmp_path: Path, monkeypatch
) -> None:
    dialog = _work_long(gui, tmp_path)
    dialog.add_paths([tmp_path / "absent.mp4"])
    shown = []
    show_job = dialog._show_job
    monkeypatch.setattr(dialog, "_show_job", lambda row, job: shown.append(row) or show_job(row, job))
    gui.wait(lambda: shown)
    assert set(shown) == {0}
    dialog.close()
    shown.clear()
    gui.qtbot.wait(600)
    assert not shown
    gui.window.commands.process.trigger()
    assert set(shown) == {0}
    gui.builder.pipelines[-1].inference_s = 0
    gui.wait(lambda: dialog.table.item(1, 2).text() == "failed")
    assert "absent.mp4" in dialog.problems.text()


def test_a_folder_stands_for_what_it_holds_and_what_was_left_out_is_told(gui, tmp_path: Path) -> None:
    folder = tmp_path / "shots"
    folder.mkdir()
    for number in (1, 2):
        cv2.imwrite(str(folder / f"{number}.png"), shade(80))
    (folder / "3.png").write_bytes(b"no picture")
    cut = write_clip(folder / "clip.mp4", NOISE, container_options={"movflags": "faststart"})
    cut.write_bytes(cut.read_bytes()[: -cut.stat().st_size // 3])
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    dialog.add_paths([folder, folder / "clip.mp4"])
    assert dialog.paths == [folder, folder / "clip.mp4"]
    dialog.start.click()
    gui.wait(dialog.start.isEnabled)
    states = [dialog.table.item(row, 2).text() for row in range(2)]
    assert states[0] == "done, 1 left out"
    assert "3.png" in dialog.problems.text()
    assert states[1].startswith("done, ")
    assert "clip.mp4: " in dialog.problems.text()


def test_a_finished_result_is_opened_by_mouse_key_and_button(gui, tmp_path: Path, monkeypatch) -> None:
    clips = [write_clip(tmp_path / f"{name}.mp4", shades(4)) for name in ("a", "b")]
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile()).name) or True)
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    dialog.add_paths(clips)
    table = dialog.table
    table.cellActivated.emit(0, 0)
    assert opened == []
    dialog.start.click()
    gui.wait(lambda: dialog.table.item(1, 2).text() == "done" and dialog.start.isEnabled())
    places = [table.visualItemRect(table.item(row, 0)).center() for row in range(2)]
    gui.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=places[1])
    gui.qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=places[1])
    assert opened == ["b.mp4"]
    table.setFocus()
    gui.qtbot.keyClick(table, Qt.Key.Key_Up)
    gui.qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == ["b.mp4", "a.mp4"]
    table.selectRow(1)
    dialog.open_result.click()
    assert opened == ["b.mp4", "a.mp4", "b.mp4"]


def test_a_desktop_without_a_player_shows_the_folder(gui, tmp_path: Path, monkeypatch) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(4))
    asked = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(Path(url.toLocalFile())))
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    dialog.add_paths([clip])
    dialog.switches["video"].click()
    dialog.start.click()
    gui.wait(lambda: dialog.table.item(0, 2).text() == "done")
    dialog.table.selectRow(0)
    dialog.open_result.click()
    assert [asked[0].name, asked[1]] == ["a.jsonl", asked[0].parent]


def test_results_go_to_the_folder_that_is_chosen_by_then(gui, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", shades(4))
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    dialog.close()
    gui.window._set("window", "folder", tmp_path / "elsewhere")
    gui.window.commands.process.trigger()
    assert str(tmp_path / "elsewhere") in dialog.place._whole
    dialog.add_paths([clip])
    dialog.start.click()
    gui.wait(lambda: dialog.table.item(0, 2).text() == "done")
    assert list((tmp_path / "elsewhere").rglob("a.mp4"))


def _work_long(gui, tmp_path: Path) -> BatchDialog:
    """Have a file processed that takes its time."""
    clip = write_clip(tmp_path / "c.mp4", shades(30) * 3)
    gui.builder.inference_s = 0.02
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    dialog.add_paths([clip])
    dialog.start.click()
    gui.wait(lambda: gui.controller.batch.jobs()[0].done > 3)
    return dialog


def test_files_dropped_while_others_are_processed_join_them(gui, tmp_path: Path) -> None:
    dialog = _work_long(gui, tmp_path)
    clips = [write_clip(tmp_path / f"{name}.mp4", shades(4)) for name in ("a", "b")]
    drop(gui.window.picture, [tmp_path / "c.mp4", *clips])
    assert [job.path.name for job in gui.controller.batch.jobs()] == ["c.mp4", "a.mp4", "b.mp4"]
    assert dialog.table.rowCount() == 3
    drop(dialog.table, [write_clip(tmp_path / "d.mp4", shades(4)), "http://a.example/e.mp4"])
    assert [job.path.name for job in gui.controller.batch.jobs()][3:] == ["d.mp4"]
    gui.builder.pipelines[-1].inference_s = 0
    gui.wait(lambda: all(job.state == "done" for job in gui.controller.batch.jobs()))


def _change_language(gui, language: str) -> BatchDialog:
    former = gui.window
    choose(former.side.form.editor("window", "language").box, language)
    gui.wait(lambda: gui.window is not former)
    return gui.window.findChild(BatchDialog)


def test_files_listed_and_processed_outlive_a_change_of_the_language(gui, tmp_path: Path) -> None:
    gui.window.commands.process.trigger()
    dialog = gui.window.findChild(BatchDialog)
    dialog.add_paths([tmp_path / "waits.mp4"])
    dialog = _change_language(gui, "ko")
    assert dialog.isVisible()
    assert dialog.table.item(0, 0).text() == "waits.mp4"
    dialog.clear.click()
    place = _work_long(gui, tmp_path).place._whole
    dialog = _change_language(gui, "en")
    assert gui.controller.batch.is_alive()
    assert dialog.table.item(0, 0).text() == "c.mp4"
    assert dialog.place._whole.removeprefix("Results go to ") in place
    gui.builder.pipelines[-1].inference_s = 0
    gui.wait(lambda: dialog.table.item(0, 2).text() == "done")


def test_closing_the_window_while_files_are_processed_is_asked_about_once(gui, tmp_path: Path) -> None:
    _work_long(gui, tmp_path)
    assert not gui.window.close()
    assert gui.window.isVisible()
    assert "still being processed" in gui.window.banner.text.text()
    find_button(gui.window.banner, "Go on").click()
    assert not gui.window.banner.isVisible()
    assert gui.controller.batch.is_alive()
    assert not gui.window.close()
    assert gui.window.close(), "whoever closes it again means it"


def test_the_question_about_closing_is_seen_above_an_error(gui, tmp_path: Path) -> None:
    _work_long(gui, tmp_path)
    banner = gui.window.banner
    banner.show_failure(Failure("camera 3 does not open; plug it in", ""), about="source")
    assert not gui.window.close()
    assert "still being processed" in banner.text.text()
    banner.show_failure(Failure("the disk is full; make room", ""), about="recording")
    assert "still being processed" in banner.text.text()
    find_button(banner, "Go on").click()
    assert banner.text.text() == "the disk is full; make room"
    assert not gui.window.close(), "it is asked anew"


def test_the_dialog_tells_what_is_used_in_place_of_missing_weights(gui, tmp_path: Path) -> None:
    gui.start()
    gui.builder.errors["fast"] = MissingWeightsError((resolve("fast"),))
    gui.window.toolbar.sizes.button("fast").click()
    gui.wait(lambda: "not on this machine" in gui.window.banner.text.text())
    dialog = _work_long(gui, tmp_path)
    gui.wait(lambda: "default and default are used instead" in dialog.stands_in.text())
    assert dialog.stands_in.isVisible()
    gui.builder.pipelines[-1].inference_s = 0
    gui.wait(lambda: dialog.table.item(0, 2).text() == "done")
    dialog.clear.click()
    assert not dialog.stands_in.isVisible()


def test_the_question_about_closing_goes_when_the_files_are_done(gui, tmp_path: Path) -> None:
    _work_long(gui, tmp_path)
    assert not gui.window.close()
    gui.builder.pipelines[-1].inference_s = 0
    gui.wait(lambda: not gui.window.banner.isVisible())
    assert gui.window.close()


def test_closing_the_window_ends_the_work_with_whole_files(gui, tmp_path: Path) -> None:
    _work_long(gui, tmp_path)
    gui.window.close()
    find_button(gui.window.banner, "Close").click()
    assert not gui.window.isVisible()
    gui.close()
    job = gui.controller.batch.jobs()[0]
    assert job.state == "cancelled"
    assert not gui.controller.threads()
    video = next(path for path in job.written if path.suffix == ".mp4")
    keypoints = next(path for path in job.written if path.suffix == ".jsonl")
    frames = len(list(VideoFileSource(video)))
    assert 3 < frames < 90
    assert len(read_keypoints_jsonl(keypoints)[1]) == frames

"""What the window writes."""

from pathlib import Path

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QDesktopServices, QGuiApplication
from PyQt6.QtWidgets import QFileDialog

from app.sources.pictures import read_picture
from app.sources.video_file import VideoFileSource
from tests.app.live.fakes import HandCamera, with_model


def test_recording_leaves_files_and_shows_how_it_goes(gui) -> None:
    gui.start()
    gui.window.commands.record.trigger()
    gui.wait(lambda: gui.controller.recording is not None and gui.controller.recording.frames > 3)
    gui.window.presenter.refresh()
    button = gui.window.toolbar.record
    assert button.text().startswith("0:0")
    assert "MB" in button.toolTip()
    assert "MB" in gui.window.status._whole
    gui.window.commands.record.trigger()
    assert "MB" not in button.toolTip()
    gui.wait(lambda: "Saved" in gui.window.banner.text.text())
    assert sorted(path.suffix for path in gui.recordings.iterdir()) == [".jsonl", ".mp4"]
    gui.window.presenter.refresh()
    assert not gui.window.commands.record.isChecked()


def test_recording_goes_on_in_other_files_with_another_model(gui) -> None:
    gui.start()
    gui.window.commands.record.trigger()
    gui.wait(lambda: gui.controller.recording is not None and gui.controller.recording.frames > 3)
    gui.controller.apply(with_model(gui.settings, "fast"))
    gui.wait(lambda: len(list(gui.recordings.glob("*-2.*"))) == 2)
    gui.window.commands.record.trigger()
    gui.wait(lambda: "goes on in other files" in gui.window.banner.text.text())
    assert len(list(gui.recordings.iterdir())) == 4


def test_a_recording_that_no_picture_came_for_is_told(gui) -> None:
    camera = gui.sources["2"] = HandCamera()
    camera.give(1)
    gui.start("2")
    gui.window.commands.record.trigger()
    gui.window.commands.record.trigger()
    gui.wait(lambda: "Nothing was recorded" in gui.window.banner.text.text())
    assert not gui.recordings.exists()


def test_nothing_chosen_to_record_names_the_switches(gui) -> None:
    nothing = {"record_video": False, "record_keypoints": "none", "record_angles": False}
    window = gui.settings.window.model_copy(update=nothing)
    gui.controller.apply(gui.settings.model_copy(update={"window": window}))
    gui.start()
    gui.window.commands.record.trigger()
    gui.wait(lambda: "Record video" in gui.window.banner.text.text())
    gui.wait(lambda: not gui.window.commands.record.isChecked())  # looked up twice a second


def test_a_recording_has_its_sign_in_full_screen(gui) -> None:
    gui.start()
    picture = gui.window.picture
    gui.window.commands.record.trigger()
    gui.wait(lambda: gui.controller.recording is not None)
    gui.window.presenter.refresh()
    assert picture._sign == "", "the button above the picture tells"
    gui.window.commands.full_screen.trigger()
    assert picture._sign.startswith("0:0")
    marked = picture.grab().toImage()
    corner = QRect(marked.width() - 120, marked.height() - 60, 120, 60)
    gui.window.commands.record.trigger()
    gui.wait(lambda: picture._sign == "")
    assert picture.grab().toImage().copy(corner) != marked.copy(corner)
    gui.window.commands.record.trigger()
    gui.wait(lambda: picture._sign != "")
    gui.window.commands.full_screen.trigger()
    assert picture._sign == ""


def test_closing_while_recording_leaves_whole_files(gui) -> None:
    gui.start()
    gui.window.commands.record.trigger()
    gui.wait(lambda: gui.controller.recording is not None and gui.controller.recording.frames > 3)
    gui.close()
    video = next(path for path in gui.recordings.iterdir() if path.suffix == ".mp4")
    assert len(list(VideoFileSource(video))) > 3


def test_snapshot_and_clipboard(gui) -> None:
    gui.start()
    gui.window.commands.snapshot.trigger()
    gui.wait(lambda: "Saved" in gui.window.banner.text.text())
    assert read_picture(next(gui.recordings.glob("*.png"))).shape == (480, 640, 3)
    QGuiApplication.clipboard().clear()
    gui.window.commands.copy.trigger()
    gui.wait(lambda: QGuiApplication.clipboard().image().width() == 640)


def test_what_is_saved_is_told_in_the_picture_where_a_question_waits(gui) -> None:
    gui.start()
    gui.window.banner.show_note("Download?", about="model", on_close=lambda: None)
    gui.window.commands.snapshot.trigger()
    gui.wait(lambda: "Saved" in gui.window.picture._passing)
    assert gui.window.banner.text.text() == "Download?"
    gui.window.picture._passes.timeout.emit()
    assert gui.window.picture._passing == ""


def test_the_folder_of_recordings_can_be_chosen_and_shown(gui, tmp_path: Path, monkeypatch) -> None:
    chosen, shown = tmp_path / "다른 폴더", []
    chosen.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(chosen))
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    editor = gui.window.side.form.editor("window", "folder")
    editor.choose.click()
    assert gui.settings.window.folder == chosen
    assert gui.window.folder() == chosen
    gui.window.commands.show_folder.trigger()
    assert Path(shown[0].toLocalFile()) == chosen

"""The window is found where it was left."""

from pathlib import Path

import pytest

from app.gui.placement import Placement


def test_size_and_side_panel_are_as_they_were_left(gui, tmp_path: Path) -> None:
    gui.window.resize(760, 500)
    gui.window.commands.side_panel.trigger()
    Placement(tmp_path / "창.ini").keep(gui.window)
    gui.window.resize(790, 600)
    gui.window.commands.side_panel.trigger()
    Placement(tmp_path / "창.ini").restore(gui.window)
    assert (gui.window.width(), gui.window.height()) == (760, 500)
    assert not gui.window.side.isVisible()


def test_full_screen_is_not_come_back_to(gui, tmp_path: Path) -> None:
    gui.window.resize(760, 500)
    gui.window.commands.full_screen.trigger()
    Placement(tmp_path / "window.ini").keep(gui.window)
    gui.window.commands.full_screen.trigger()
    Placement(tmp_path / "window.ini").restore(gui.window)
    assert not gui.window.isFullScreen()
    assert gui.window.side.isVisible(), "what full screen hid was not closed"


@pytest.mark.parametrize("text", ["", "[General]\ngeometry=nonsense\n", "\0\1\2"])
def test_without_a_good_file_the_window_stays_as_it_is(gui, tmp_path: Path, text: str) -> None:
    path = tmp_path / "window.ini"
    path.write_text(text, encoding="utf-8")
    size = gui.window.size()
    Placement(path).restore(gui.window)
    assert gui.window.size() == size
    assert gui.window.side.isVisible()

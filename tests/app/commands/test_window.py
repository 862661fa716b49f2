"""The option that belongs to the window alone."""

import sys

import pytest

from app.commands import main


def test_a_source_before_a_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--source", "clip.mp4", "models"]) == 2
    output = capsys.readouterr()
    assert "leave it out before models" in output.err
    assert len(output.err.splitlines()) == 1
    assert output.out == ""


def test_commands_do_not_open_the_window(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "app.gui.start", None)
    assert main(["models", "--json"]) == 0
    assert capsys.readouterr().out.startswith("[")


def test_a_window_that_cannot_be_imported_is_told(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setitem(sys.modules, "app.gui.start", None)
    assert main([]) == 2
    assert "pip install -r requirements.txt" in capsys.readouterr().err

"""The command line as a whole: help, exit codes, errors on one line, encodings, pipes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import main
from model.errors import WeightsError

PROJECT = Path(__file__).resolve().parents[3]


def start(*arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, PROJECT / "main.py", *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def raise_in_models(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setattr("model.zoo.all_pose_models", broken)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_lists_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "Usage: python main.py" in shown
    for command in ("models", "weights"):
        assert f" {command} " in shown


def test_help_and_models_import_nothing_heavy() -> None:
    code = (
        "import sys; from app.commands import main; main(['--help']); main(['models', '--json']); main(['models']);"
        "heavy = {'torch', 'cv2', 'mediapipe', 'onnxruntime', 'openvino', 'av', 'scipy'} & set(sys.modules);"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_users_error_is_one_plain_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raise_in_models(
        monkeypatch, WeightsError("no [bold]weights[/bold] in /a  long path/" + "x" * 200 + "\nsecond line")
    )
    assert main(["models"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: no [bold]weights[/bold] in /a  long path/" + "x" * 200 + " second line\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--nonsense"], "error: No such option: --nonsense (see python main.py --help)\n"),
        (["nonsense"], "error: No such command 'nonsense' (see python main.py --help)\n"),
        (["models", "extra"], "error: Got unexpected extra argument(s) (extra) (see python main.py models --help)\n"),
    ],
)
def test_a_misspelt_command_line_is_one_line_and_exit_code_2(
    arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == error


def test_ctrl_c_is_exit_code_130_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raise_in_models(monkeypatch, KeyboardInterrupt())
    assert main(["models"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_programming_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    raise_in_models(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["models"])


def test_letters_that_the_regional_encoding_lacks_are_printed() -> None:
    process = start("weights", "fetch", "모델-é", PYTHONIOENCODING="cp949")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "모델-é" in errors.decode("utf-8")


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = start("models", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(60) == 1


def test_what_takes_a_while_is_noted_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import logging

    def slow() -> list[object]:
        logging.getLogger("model.somewhere").info("preparing %s", "a thing")
        return []

    monkeypatch.setattr("model.zoo.all_pose_models", slow)
    assert main(["models", "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == "preparing a thing\n"
    assert shown.out.strip() == "[]"

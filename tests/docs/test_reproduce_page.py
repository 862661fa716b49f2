"""The commands of docs/reproduce.md are ones that the program takes."""

import re
import shlex
from pathlib import Path

import pytest

from app.commands import main
from model.zoo import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "reproduce.md").read_text(encoding="utf-8").replace("\\\n", " ")
COMMANDS = [re.sub(r"\s+#.*", "", line).strip() for line in re.findall(r"python main\.py (.*)", TEXT)]
MODELS = sorted(set(re.findall(r"`([\w-]+-\d+x\d+-mmpose)`", TEXT)))


def test_page_has_commands_for_every_table() -> None:
    assert {command.split()[0] for command in COMMANDS} == {"weights", "evaluate", "models", "train"}
    published = {pose.name: pose for pose in load_catalogue().pose if pose.name.endswith("-mmpose")}
    assert set(MODELS) == published.keys()
    for name, pose in published.items():
        assert TEXT.count(f" {name}") == 1, "in the loop"
        (row,) = (line for line in TEXT.splitlines() if f"`{name}` |" in line)
        assert row.split("|")[2].strip() == str(pose.input_size)
        assert float(row.split("|")[4]) == (pose.published_ap or pose.published_pckh)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("evaluate --model $model")])
def test_evaluations_miss_nothing_but_the_data(
    command: str, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command.replace("$model", model))) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: cannot read annotations data/")


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("train")])
def test_recipes_miss_nothing_but_the_data(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ROOT / shlex.split(command)[1]
    moved = tmp_path / "a" / "b" / "c" / config.name
    moved.parent.mkdir(parents=True)
    moved.write_bytes(config.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(["train", str(moved)]) == 2
    assert "cannot read" in capsys.readouterr().err


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("weights import")])
def test_imports_miss_nothing_but_the_file(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(command)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(r"(FILE\.pth|best\.safetensors)", line)
    assert "--help" not in line

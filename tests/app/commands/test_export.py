"""`export` as a user meets it."""

import os
from pathlib import Path

import pytest
import torch

from app.commands import main
from model.checkpoints import save_safetensors
from model.networks.person_detector import build_detector
from model.zoo.store import CACHE_VARIABLE
from tests.model.test_export import TinyNetwork


@pytest.mark.parametrize("form", ["onnx", "torchscript"])
def test_each_format_is_written(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("model.export.load_network", lambda model: TinyNetwork().eval())
    out = tmp_path / "새 folder" / "network"
    assert main(["export", "naive-lite-hrnet-18", "--random-weights", "--format", form, "--output", str(out)]) == 0
    content = out.read_bytes()
    assert content.startswith(b"PK") == (form == "torchscript"), "TorchScript is an archive, ONNX is not"
    assert f"naive-lite-hrnet-18 -> {out}" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_nothing_but_a_file_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert main(["export", "lite-hrnet-18", "--random-weights", "--output", str(tmp_path / "pipe")]) == 2
    assert "pipe is no ordinary file; give the name of one" in capsys.readouterr().err
    assert not (tmp_path / "pipe").is_file()


def test_other_formats_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "default", "--format", "tflite", "--output", str(tmp_path / "x")]) == 2
    assert "'onnx', 'torchscript'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("lite-hrnet-18", ["lite-hrnet-18-256x192, lite-hrnet-18-128x96", "weights fetch lite-hrnet-18"]),
        ("hrnet-w32", ["weights fetch hrnet-w32"]),
        ("naive-lite-hrnet-18", []),
    ],
)
def test_a_network_gets_no_random_weights_unasked(
    name: str, ways: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", name, "--output", str(tmp_path / "new" / "pose.onnx")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {name} stands for no weights that are here; ")
    assert line.count(", or ") == len(ways)
    for way in (*ways, "give --random-weights"):
        assert way in line
    assert list(tmp_path.iterdir()) == []


def test_random_weights_are_those_of_a_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "balanced", "--random-weights", "--output", str(tmp_path / "pose.onnx")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "which balanced is not; choose one of lite-hrnet-18, " in line


def test_a_detector_of_others_is_refused_without_talk_of_other_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "picodet-320", "--output", str(tmp_path / "people.onnx")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "picodet-320 is no network of this project" in line
    assert "--detector" not in line


def test_a_detector_of_ones_own_is_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    torch.manual_seed(0)
    weights, out = tmp_path / "best.safetensors", tmp_path / "people.pt"
    save_safetensors(build_detector().state_dict(), weights, {"network": "person-detector", "input_size": "96x96"})
    assert main(["weights", "import", str(weights), "--as", "crowd"]) == 0
    monkeypatch.setattr("model.export.load_network", lambda model: TinyNetwork().eval())
    assert main(["export", "crowd", "--format", "torchscript", "--output", str(out)]) == 0
    assert f"crowd -> {out}" in capsys.readouterr().err

"""`export` as a user meets it."""

from pathlib import Path

import pytest

from app.commands import main
from tests.model.test_export import TinyNetwork


@pytest.mark.parametrize("form", ["onnx", "torchscript"])
def test_each_format_is_written(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("model.export.load_network", lambda model: TinyNetwork().eval())
    out = tmp_path / "새 folder" / "network"
    assert main(["export", "naive-lite-hrnet-18", "--format", form, "--output", str(out)]) == 0
    content = out.read_bytes()
    assert content.startswith(b"PK") == (form == "torchscript"), "TorchScript is an archive, ONNX is not"
    assert f"naive-lite-hrnet-18 -> {out}" in capsys.readouterr().err


def test_other_formats_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "default", "--format", "tflite", "--output", str(tmp_path / "x")]) == 2
    assert "'onnx', 'torchscript'" in capsys.readouterr().err

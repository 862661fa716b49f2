"""`doctor` as a user meets it."""

import re
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from app.commands import main
from app.doctor import Finding, examine
from model.errors import WeightsError
from model.zoo import WeightSet


def test_doctor_tries_everything_and_reports_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "보고 report.txt"
    assert main(["doctor", "--report", str(report)]) == 0
    shown = capsys.readouterr().out
    for name in (
        "processor",
        "onnxruntime",
        "openvino",
        "H.264 encoder",
        "cuda",
        "virtual camera",
        "Qt platform",
        "cache",
    ):
        assert name in shown
    assert len(report.read_text(encoding="utf-8").splitlines()) > 20


def test_doctor_tells_broken_from_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    import openvino

    def broken() -> None:
        raise RuntimeError("where it happened\nwhat happened")

    monkeypatch.setattr(openvino, "Core", broken)
    for name in ("mediapipe.tasks.python.vision", "pyqtgraph"):
        monkeypatch.setitem(sys.modules, name, None)
    findings = {(finding.group, finding.name): finding for finding in examine()}
    assert findings["engine", "openvino"].state == "broken"
    assert findings["engine", "openvino"].detail == "what happened"
    assert findings["detector engine", "mediapipe"].state == "absent"
    assert findings["detector engine", "mediapipe"].remedy
    assert findings["window", "libraries"].state == "absent"
    assert findings["window", "libraries"].remedy
    assert findings["engine", "onnxruntime"].state == "ok"


def test_in_a_bundle_doctor_sends_nobody_to_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setitem(sys.modules, "pyqtgraph", None)
    findings = {(finding.group, finding.name): finding for finding in examine()}
    assert "bundle" in findings["window", "libraries"].remedy
    assert not any("pip install" in finding.remedy for finding in findings.values())


def test_doctor_looks_for_every_package_that_the_program_needs() -> None:
    lines = (Path(__file__).parents[3] / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = {re.split(r"[=<>]", line)[0] for line in lines if line and not line.startswith("#")}
    looked_for = {finding.name for finding in examine() if finding.group == "package"}
    assert needed - {"typer", "rich"} <= looked_for, "without these two it does not run itself"


def test_doctor_knows_what_is_installed_in_the_place_of_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(*names: str) -> dict[str, Finding]:
        def version(name: str) -> str:
            if name.startswith("onnxruntime") and name not in names:
                raise PackageNotFoundError(name)
            return "1.0"

        monkeypatch.setattr("app.doctor.version", version)
        return {f"{finding.group} {finding.name}": finding for finding in examine()}

    assert installed("onnxruntime-gpu")["package onnxruntime-gpu"].state == "ok"
    assert installed()["package onnxruntime"].state == "absent"
    both = installed("onnxruntime", "onnxruntime-gpu")["engine onnxruntime"]
    assert both.state == "broken"
    assert "pip uninstall onnxruntime onnxruntime-gpu first" in both.detail


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("pose: [unfinished", "cannot read the settings"),
        ("pose: {keypoint_threshold: 7}", "pose.keypoint_threshold"),
        (None, "cannot read the settings"),
    ],
)
def test_doctor_finds_settings_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, detail: str
) -> None:
    path = tmp_path / "settings.yaml"
    if text is None:
        path.mkdir()
    else:
        path.write_text(text)
    monkeypatch.setattr("app.settings.user_settings_path", lambda: path)
    (finding,) = [finding for finding in examine() if finding.name == "settings"]
    assert finding.state == "broken"
    assert detail in finding.detail
    assert finding.remedy.startswith("correct")


def test_doctor_finds_weights_and_folders_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(weight_set: WeightSet) -> list[Path]:
        raise WeightsError(f"{weight_set.name} is damaged; fetch it again")

    monkeypatch.setattr("model.zoo.is_available", lambda weight_set: True)
    monkeypatch.setattr("model.zoo.weight_files", damaged)
    monkeypatch.setenv("LITE_HRNET_LIVE_MIRROR", str(tmp_path / "gone"))
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path / "file" / "cache"))
    findings = {(finding.group, finding.name): finding for finding in examine()}
    weights, folders = ("pose (default)", "detector (default)"), ("mirror", "cache")
    for place in (*(("weights", name) for name in weights), *(("folder", name) for name in folders)):
        assert findings[place].state == "broken", place
        assert findings[place].remedy


def test_doctor_survives_a_cache_at_a_home_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", "~nobody-of-this-name/cache")
    findings = {(finding.group, finding.name): finding for finding in examine()}
    assert findings["folder", "cache"].state == findings["weights", "pose (default)"].state == "broken"
    assert "no such home" in findings["folder", "cache"].detail


def test_doctor_survives_what_it_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing system library is an ImportError of cv2, and on Windows an OSError of torch."""

    def broken(name: str) -> object:
        raise ImportError("libGL.so.1: cannot open shared object file", name=name)

    def no_library() -> bool:
        raise OSError("a DLL is missing")

    monkeypatch.setattr("app.doctor.import_module", broken)
    monkeypatch.setattr("torch.cuda.is_available", no_library)
    findings = {(finding.group, finding.name): finding for finding in examine()}
    assert findings["package", "OpenCV"].state == "broken"
    assert "libgl1" in findings["package", "OpenCV"].remedy
    assert findings["device", "cuda"].detail == "a DLL is missing"

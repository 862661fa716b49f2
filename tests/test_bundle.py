"""What goes along with a bundle, without building one."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from app.doctor import PACKAGES
from model.networks import NETWORK_NAMES, build_network

SPEC = Path(__file__).resolve().parents[1] / "packaging" / "lite-hrnet-live.spec"


def analysed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the recipe names itself."""
    hooks = ModuleType("PyInstaller.utils.hooks")
    vars(hooks).update(collect_data_files=lambda *_, **__: [], collect_dynamic_libs=lambda *_, **__: [])
    vars(hooks).update(copy_metadata=lambda package: [(str(SPEC), f"metadata of {package}")])
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, hooks.__name__, hooks)
    told: dict[str, Any] = {}

    def analyse(scripts: list[str], **rest: Any) -> SimpleNamespace:
        told.update(rest)
        return SimpleNamespace(pure=[], scripts=scripts, binaries=[], datas=rest["datas"])

    steps = dict.fromkeys(("PYZ", "EXE", "COLLECT", "BUNDLE"), lambda *_, **__: None)
    names = {"SPECPATH": str(SPEC.parent), "Analysis": analyse} | steps
    exec(compile(SPEC.read_text(encoding="utf-8"), SPEC.name, "exec"), names)
    return told


def collected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str]]:
    """The data files: each with its folder in the bundle."""
    return [(Path(source), folder) for source, folder in analysed(monkeypatch)["datas"]]


def test_a_bundle_has_the_texts_of_its_licences(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {folder: source for source, folder in collected(monkeypatch) if folder.startswith("licences/")}
    assert "GNU GENERAL PUBLIC LICENSE" in texts["licences/PyQt6"].read_text(encoding="utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in texts["licences/PyQt6-Qt6"].read_text(encoding="utf-8")
    notice = (SPEC.parent / "THIRD-PARTY.md").read_text(encoding="utf-8")
    for folder in texts:
        assert f"`{folder}`" in notice


def test_doctor_finds_the_versions_of_what_is_in_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {folder for _, folder in collected(monkeypatch)}
    assert {f"metadata of {package}" for package in PACKAGES} <= folders


def test_every_file_of_a_bundle_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(source.exists() for source, _ in collected(monkeypatch))


def test_networks_that_are_imported_by_name_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = analysed(monkeypatch)["hiddenimports"]
    assert {type(build_network(name, 17).backbone).__module__ for name in NETWORK_NAMES} <= {*hidden}


def test_what_reads_its_own_sources_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a script's decorator does: `inspect.getsource` of a function that is being defined."""
    kept = {name for name, mode in analysed(monkeypatch)["module_collection_mode"].items() if "py" in mode.split("+")}
    assert {"onnxscript", "onnx_ir"} <= kept

"""What goes along with a bundle, without building one."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

SPEC = Path(__file__).resolve().parents[1] / "packaging" / "lite-hrnet-live.spec"


def collected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str]]:
    """The data files that the recipe names itself: each with its folder in the bundle."""
    hooks = ModuleType("PyInstaller.utils.hooks")
    vars(hooks).update(collect_data_files=lambda *_, **__: [], collect_dynamic_libs=lambda *_, **__: [])
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, hooks.__name__, hooks)
    told: list[tuple[str, str]] = []

    def analyse(scripts: list[str], datas: list[tuple[str, str]], **rest: Any) -> SimpleNamespace:
        told.extend(datas)
        return SimpleNamespace(pure=[], scripts=scripts, binaries=[], datas=datas)

    steps = dict.fromkeys(("PYZ", "EXE", "COLLECT", "BUNDLE"), lambda *_, **__: None)
    names = {"SPECPATH": str(SPEC.parent), "Analysis": analyse} | steps
    exec(compile(SPEC.read_text(encoding="utf-8"), SPEC.name, "exec"), names)
    return [(Path(source), folder) for source, folder in told]


def test_a_bundle_has_the_texts_of_its_licences(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {folder: source for source, folder in collected(monkeypatch) if folder.startswith("licences/")}
    assert "GNU GENERAL PUBLIC LICENSE" in texts["licences/PyQt6"].read_text(encoding="utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in texts["licences/PyQt6-Qt6"].read_text(encoding="utf-8")
    notice = (SPEC.parent / "THIRD-PARTY.md").read_text(encoding="utf-8")
    for folder in texts:
        assert f"`{folder}`" in notice


def test_every_file_of_a_bundle_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(source.exists() for source, _ in collected(monkeypatch))

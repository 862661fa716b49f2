"""Every text of the window has a Korean translation, and no translation is left over."""

import ast
from pathlib import Path
from string import Formatter

import pytest
from PyQt6.QtWidgets import QLineEdit

from app.gui.texts import LANGUAGES, TRANSLATIONS, Language, read_translation, tr
from app.settings import Settings

_GUI = Path(__file__).parents[2] / "app" / "gui"


def _texts_in_code() -> set[str]:
    texts = set()
    for path in _GUI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                argument = node.args[0]
                if isinstance(argument, ast.Constant):
                    texts.add(argument.value)
    return texts


def _texts_of_settings() -> set[str]:
    sections = [field.annotation for field in Settings.model_fields.values()]
    fields = [field for section in sections for field in section.model_fields.values()]
    return {text for field in fields for text in (field.title, field.description)}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_translations_are_whole(language: str) -> None:
    translated = read_translation(TRANSLATIONS / f"{language}.ts")
    wanted = _texts_in_code() | _texts_of_settings()
    assert sorted(wanted - set(translated)) == []
    assert sorted(set(translated) - wanted) == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_translations_keep_their_gaps(language: str) -> None:
    for source, translation in read_translation(TRANSLATIONS / f"{language}.ts").items():
        gaps = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (source, translation)]
        assert gaps[0] == gaps[1], source


def test_qts_own_texts_speak_the_language_too(qapp) -> None:
    language = Language()
    english = _menu_of_a_line()
    assert "Select All" in english
    for choice in ("ko", "ko"):  # the second time replaces the first
        language.use(choice)
        assert "모두 선택" in _menu_of_a_line()
    language.use("en")
    assert _menu_of_a_line() == english


def _menu_of_a_line() -> list[str]:
    """What the menu of the right mouse button says in a line of text."""
    line = QLineEdit()
    menu = line.createStandardContextMenu()
    return [action.text().partition("\t")[0].replace("&", "").partition("(")[0] for action in menu.actions()]


def test_the_language_can_be_changed_and_changed_back(qapp) -> None:
    language = Language()
    language.use("ko")
    assert tr("Record") == "녹화"
    assert tr("nothing of the kind") == "nothing of the kind"
    language.use("en")
    assert tr("Record") == "Record"

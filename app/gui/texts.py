"""What the window says, in the user's language.

Texts are written in English in the code and go through `tr`. A translation is a Qt Linguist file in
assets/translations; it is read as it is, so that no compiled copy of it can fall behind.
"""

from pathlib import Path
from xml.etree import ElementTree

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app.gui.assets import ASSETS

CONTEXT = "app"
TRANSLATIONS = ASSETS / "translations"
LANGUAGES = {"en": "English", "ko": "한국어"}


def tr(text: str) -> str:
    """The text in the language that the window speaks."""
    return QCoreApplication.translate(CONTEXT, text)


def literal(text: str) -> str:
    """A name as the text of a button or a menu, which take a letter behind "&" for a key."""
    return text.replace("&", "&&")


def read_translation(path: Path) -> dict[str, str]:
    """Finished messages of a .ts file, by their English text."""
    messages = {}
    for message in ElementTree.parse(path).getroot().iter("message"):
        source, translation = message.findtext("source"), message.findtext("translation")
        if source and translation:
            messages[source] = translation
    return messages


class Translator(QTranslator):
    """Looks texts up in a .ts file."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._messages = read_translation(TRANSLATIONS / f"{language}.ts")

    def isEmpty(self) -> bool:
        return not self._messages

    def translate(  # type: ignore[override]
        self, context: str | None, source: str | None, disambiguation: str | None = None, n: int = -1
    ) -> str | None:  # None, unlike "", lets Qt use the text as it is
        return self._messages.get(source or "")


class Language:
    """Installs the translators of a chosen language, ours and Qt's own, into the running application."""

    def __init__(self) -> None:
        self._translators: list[QTranslator] = []

    def use(self, choice: str) -> None:
        """Speak this language from now on.

        Args:
            choice: "system", or a key of LANGUAGES.
        """
        language = QLocale.system().name().split("_")[0] if choice == "system" else choice
        while self._translators:
            QCoreApplication.removeTranslator(self._translators.pop())
        if (TRANSLATIONS / f"{language}.ts").is_file():
            of_qt = QTranslator()
            of_qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
            self._translators = [of_qt, Translator(language)]  # the one that comes last is asked first
        for translator in self._translators:
            QCoreApplication.installTranslator(translator)

"""The settings panel, made from the typed settings: a new setting needs no code here."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ValidationError
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.field_editors import FieldEditor, editor_for
from app.gui.icons import icon
from app.gui.texts import tr
from app.gui.widgets.labels import card, label
from app.settings import Settings

Choices = Mapping[tuple[str, str], Sequence[tuple[str, str]]]


class SettingsForm(QWidget):
    """One card a section, one row a setting.

    Attributes:
        changed: Emitted with whole new Settings whenever the user changes one of them.
        reset_wanted: Emitted where the user wants the defaults; `reset_to_defaults` brings them.
    """

    changed = pyqtSignal(object)
    reset_wanted = pyqtSignal()

    def __init__(
        self,
        settings: Settings,
        sections: Mapping[str, str],
        choices: Choices,
        unset: Mapping[tuple[str, str], Callable[[Settings], float | None]],
        parent: QWidget | None = None,
    ) -> None:
        """Build the form.

        Args:
            settings: What to show.
            sections: Names of the sections to offer, with their titles, in order.
            choices: Values and texts of settings that are free text by type but have a list of sensible values.
            unset: What counts where a number is unset; None where that is not known.
            parent: As of QWidget.
        """
        super().__init__(parent)
        self.setProperty("role", "page")
        self._settings = settings
        self._unset = unset
        self._editors: dict[tuple[str, str], FieldEditor] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for section, title in sections.items():
            frame, rows = card(spacing=12)
            rows.addWidget(label(title, "title"))
            model: BaseModel = getattr(settings, section)
            for key, field in type(model).model_fields.items():
                editor = editor_for(key, field, choices.get((section, key)))
                editor.edited.connect(self._setter(section, key))
                self._editors[section, key] = editor
                rows.addWidget(editor)
            layout.addWidget(frame)
        reset = QPushButton(icon("reset"), tr("Reset to defaults"))
        reset.clicked.connect(self.reset_wanted)
        row = QHBoxLayout()
        row.addWidget(reset)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(1)
        self._sections = tuple(sections)
        self.set_settings(settings)

    def editor(self, section: str, key: str) -> FieldEditor:
        return self._editors[section, key]

    def set_settings(self, settings: Settings) -> None:
        """Show other values; emits nothing."""
        self._settings = settings
        for place, counts in self._unset.items():
            self._editors[place].show_where_unset(counts(settings))
        for (section, key), editor in self._editors.items():
            editor.set_value(getattr(getattr(settings, section), key))

    def reset_to_defaults(self) -> None:
        """Give every setting of this form its default."""
        defaults = Settings()
        fresh = self._settings.model_copy(update={name: getattr(defaults, name) for name in self._sections})
        self._settings = fresh
        for (section, key), editor in self._editors.items():
            editor.show_anew(getattr(getattr(fresh, section), key))
        self.changed.emit(fresh)

    def _setter(self, section: str, key: str) -> Callable[[object], None]:
        def take(value: object) -> None:
            former: BaseModel = getattr(self._settings, section)
            try:
                updated = type(former).model_validate(former.model_dump() | {key: value})
            except ValidationError as error:
                self._editors[section, key].refuse(error.errors()[0]["msg"].removeprefix("Value error, "))
                return
            self._settings = self._settings.model_copy(update={section: updated})
            self.changed.emit(self._settings)

        return take

"""One editor for each kind of setting: number, switch, choice and folder."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo
from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.gui.failure_texts import in_the_windows_words
from app.gui.texts import tr
from app.gui.widgets.labels import ElidedLabel, label
from app.gui.widgets.quiet import QuietComboBox, QuietDoubleSpinBox, QuietSlider, QuietSpinBox
from app.gui.widgets.switch import Switch

_STEPS = 200


class FieldEditor(QWidget):
    """Edits one setting.

    Attributes:
        edited: Emitted with the value when the user changes it.
    """

    edited = pyqtSignal(object)

    def __init__(self, title: str, description: str) -> None:
        super().__init__()
        self.setToolTip(description)
        self.title = title

    def set_value(self, value: Any) -> None:
        """Show a value; emits nothing."""
        raise NotImplementedError

    def show_anew(self, value: Any) -> None:
        """Show a value whatever the user has begun; emits nothing."""
        self.set_value(value)

    def show_where_unset(self, value: float | None) -> None:
        """Show this from the next time on that a value is unset; editors of what cannot be unset are never told."""
        raise ValueError(f"{self.title} cannot be unset")

    def refuse(self, reason: str) -> None:
        """Tell that the value will not do; editors that offer fitting values alone are never refused one."""
        raise ValueError(f"{self.title}: {reason}")

    def _name(self, control: QWidget, description: str) -> None:
        control.setAccessibleName(self.title)
        control.setAccessibleDescription(description)


class SwitchEditor(FieldEditor):
    """Yes or no."""

    def __init__(self, title: str, description: str) -> None:
        super().__init__(title, description)
        self.switch = Switch()
        self._name(self.switch, description)
        self.switch.toggled.connect(self.edited.emit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(title, wrap=True), 1)
        row.addWidget(self.switch)

    def set_value(self, value: Any) -> None:
        with QSignalBlocker(self.switch):
            self.switch.setChecked(bool(value))
        self.switch.update()


class NumberEditor(FieldEditor):
    """A number within bounds, as a slider and as digits; where it may be unset, a switch beside it says so."""

    def __init__(self, title: str, description: str, low: float, high: float, whole: bool, optional: bool) -> None:
        super().__init__(title, description)
        self._low, self._high, self._whole = low, high, whole
        self._where_unset = (low + high) / 2
        # Wide ranges are felt by their ratios, so their slider is logarithmic.
        self._logarithmic = low > 0 and high / low >= 30
        self.box: QSpinBox | QDoubleSpinBox
        if whole:
            self.box = QuietSpinBox()
            self.box.setRange(int(low), int(high))
            self.box.valueChanged.connect(self._box_moved)
        else:
            self.box = QuietDoubleSpinBox()
            self.box.setDecimals(2)
            self.box.setRange(low, high)
            self.box.setSingleStep(0.05 if high <= 3 else 0.5)
            if self._logarithmic:
                self.box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
            self.box.valueChanged.connect(self._box_moved)
        self.box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.setFixedWidth(72)
        self.box.setKeyboardTracking(False)
        self.slider = QuietSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(_STEPS // 10)
        self.slider.valueChanged.connect(self._slider_moved)
        self.slider.actionTriggered.connect(self._slider_stepped)
        for control in (self.box, self.slider):
            self._name(control, description)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(label(title, wrap=True), 1)
        self.unset: Switch | None = None
        if optional:
            self.unset = Switch()
            self.unset.setAccessibleName(tr("{title}: set by hand").format(title=title))
            self.unset.setToolTip(tr("Set by hand"))
            self.unset.toggled.connect(self._unset_toggled)
            top.addWidget(self.unset)
        top.addWidget(self.box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.slider)

    def show_where_unset(self, value: float | None) -> None:
        self._where_unset = (self._low + self._high) / 2 if value is None else value

    def set_value(self, value: Any) -> None:
        if self.unset is not None:
            with QSignalBlocker(self.unset):
                self.unset.setChecked(value is not None)
            self._enable(value is not None)
        if value is None:
            value = self._where_unset
        with QSignalBlocker(self.box), QSignalBlocker(self.slider):
            self.box.setValue(value)
            # Several of the slider's places may stand for one value: it stays at the one it was brought to.
            if self._value_at(self.slider.value()) != value:
                self.slider.setValue(self._step_of(value))

    def _slider_stepped(self, action: int) -> None:
        """Let an arrow key change the value, which may be less or more than a step of the slider."""
        forwards, backwards = QSlider.SliderAction.SliderSingleStepAdd, QSlider.SliderAction.SliderSingleStepSub
        steps = {forwards: 1, backwards: -1}.get(QSlider.SliderAction(action))
        if steps is not None:
            self.box.stepBy(steps)
            self.slider.setSliderPosition(self.slider.value())

    def _slider_moved(self, step: int) -> None:
        value = self._value_at(step)
        with QSignalBlocker(self.box):
            self.box.setValue(value)  # type: ignore[arg-type]  # a QSpinBox is given whole numbers alone
        self.edited.emit(self.box.value())

    def _box_moved(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._step_of(value))
        self.edited.emit(value)

    def _unset_toggled(self, by_hand: bool) -> None:
        self._enable(by_hand)
        self.edited.emit(self.box.value() if by_hand else None)

    def _enable(self, enabled: bool) -> None:
        self.box.setEnabled(enabled)
        self.slider.setEnabled(enabled)

    def _value_at(self, step: int) -> float:
        share = step / _STEPS
        if self._logarithmic:
            value = self._low * math.pow(self._high / self._low, share)
        else:
            value = self._low + share * (self._high - self._low)
        return round(value) if self._whole else round(value, 2)

    def _step_of(self, value: float) -> int:
        if self._logarithmic:
            share = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            share = (value - self._low) / (self._high - self._low)
        return round(share * _STEPS)


class ChoiceEditor(FieldEditor):
    """One of several values."""

    def __init__(self, title: str, description: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(title, description)
        self.box = QuietComboBox()
        self._name(self.box, description)
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(12)
        for value, text in choices:
            self.box.addItem(text, value)
        self.box.activated.connect(lambda index: self.edited.emit(self.box.itemData(index)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(label(title, wrap=True))
        layout.addWidget(self.box)

    def set_value(self, value: Any) -> None:
        index = self.box.findData(value)
        if index < 0:
            self.box.addItem(str(value), value)
            index = self.box.count() - 1
        self.box.setCurrentIndex(index)


class FolderEditor(FieldEditor):
    """A folder, or none."""

    def __init__(self, title: str, description: str) -> None:
        super().__init__(title, description)
        self._value: Path | None = None
        self.text = ElidedLabel("muted")
        self.choose = QPushButton(tr("Choose…"))
        self._name(self.choose, description)
        self.choose.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(self.text, 1)
        row.addWidget(self.choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(label(title, wrap=True))
        layout.addLayout(row)

    def set_value(self, value: Any) -> None:
        self._value = None if value is None else Path(value)
        self.text.set_whole_text(tr("Your videos folder") if self._value is None else str(self._value))

    def _ask(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.title, str(self._value or Path.home()))
        if chosen:
            self.set_value(chosen)
            self.edited.emit(Path(chosen))


class TextEditor(FieldEditor):
    """Free text that may be refused."""

    def __init__(self, title: str, description: str) -> None:
        super().__init__(title, description)
        self.line = QLineEdit()
        self._name(self.line, description)
        self.line.editingFinished.connect(self._finished)
        self._problem = label(role="danger", wrap=True)
        self._problem.hide()
        self._value = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(label(title, wrap=True))
        layout.addWidget(self.line)
        layout.addWidget(self._problem)

    def set_value(self, value: Any) -> None:
        if str(value) == self._value:
            return  # what is half typed, or was refused, stays to be mended, whatever else changes
        self.show_anew(value)

    def show_anew(self, value: Any) -> None:
        self._problem.hide()
        self._value = str(value)
        self.line.setText(self._value)

    def refuse(self, reason: str) -> None:
        self._problem.setText(in_the_windows_words(reason))
        self._problem.show()

    def _finished(self) -> None:
        text = self.line.text().strip()
        self._problem.hide()
        if text != self._value:
            self.edited.emit(text)


def editor_for(key: str, field: FieldInfo, choices: Sequence[tuple[str, str]] | None) -> FieldEditor:
    """The editor that fits a setting's type.

    Args:
        key: Its name, where it has no title.
        field: Its type, bounds, title and description.
        choices: Values and texts, for text with a list of sensible values.
    """
    title, description = tr(field.title or key), tr(field.description or "")
    kinds = [kind for kind in get_args(field.annotation) if kind is not type(None)]
    optional = type(None) in get_args(field.annotation)
    kind: Any = kinds[0] if optional else field.annotation
    if choices is not None:
        return ChoiceEditor(title, description, choices)
    if get_origin(kind) is Literal:
        return ChoiceEditor(title, description, [(value, tr(str(value))) for value in get_args(kind)])
    if kind is bool:
        return SwitchEditor(title, description)
    if kind in (int, float):
        low, high = _bounds(field)
        return NumberEditor(title, description, low, high, whole=kind is int, optional=optional)
    if kind is str:
        return TextEditor(title, description)
    if kind is Path:
        return FolderEditor(title, description)
    raise TypeError(f"no editor for a setting of type {field.annotation}; add one here or give choices")


def _bounds(field: FieldInfo) -> tuple[float, float]:
    low = next((float(str(m.ge)) for m in field.metadata if isinstance(m, Ge)), None)
    if low is None:
        low = next(float(str(m.gt)) for m in field.metadata if isinstance(m, Gt)) + 0.05
    return low, next(float(str(m.le)) for m in field.metadata if isinstance(m, Le))

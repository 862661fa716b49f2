"""What is told under Help: shortcuts, versions and licences."""

import platform
from importlib.metadata import PackageNotFoundError, version

from PyQt6.QtCore import QT_VERSION_STR, QSize, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.gui.assets import ASSETS
from app.gui.texts import tr
from app.gui.widgets.labels import label

# Package, licence and what it is here for.
_PARTS = (
    ("PyQt6", "GPL-3.0-only"),
    ("pyqtgraph", "MIT"),
    ("torch", "BSD-3-Clause"),
    ("onnxruntime", "MIT"),
    ("openvino", "Apache-2.0"),
    ("mediapipe", "Apache-2.0"),
    ("opencv-contrib-python", "Apache-2.0"),
    ("av", "BSD-3-Clause"),
    ("numpy", "BSD-3-Clause"),
    ("pydantic", "MIT"),
)

_SIZE = QSize(500, 520)


class AboutDialog(QDialog):
    """Name, version, licence, and those of the libraries."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Lite-HRNet Live"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)  # each time it is asked for, another is made
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        head = QHBoxLayout()
        head.setSpacing(16)
        sign = QLabel()
        sign.setPixmap(QIcon(str(ASSETS / "icon.svg")).pixmap(64, 64))
        head.addWidget(sign)
        words = QVBoxLayout()
        words.addWidget(label("Lite-HRNet Live", "heading"))
        words.setSpacing(2)
        words.addWidget(label(tr("Real-time human pose estimation with Lite-HRNet"), "muted"))
        words.addWidget(label(tr("Version {version}").format(version=__version__), "muted"))
        words.addStretch(1)
        head.addLayout(words, 1)
        layout.addLayout(head)
        licence = tr(
            "The program's own source is under the Apache License 2.0. The window uses PyQt6, which is under the GNU "
            "General Public License 3: whoever passes on the two together does so under that licence."
        )
        layout.addWidget(label(licence, wrap=True))
        table = QTableWidget(0, 3)
        table.setHorizontalHeaderLabels([tr("Part"), tr("Version"), tr("Licence")])
        table.setAccessibleName(tr("Versions and licences"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setShowGrid(False)
        rows = [("Python", platform.python_version(), "PSF-2.0"), ("Qt", QT_VERSION_STR, "LGPL-3.0")]
        rows += [(name, installed, terms) for name, terms in _PARTS if (installed := _version(name))]
        for row, texts in enumerate(rows):
            table.insertRow(row)
            for column, text in enumerate(texts):
                table.setItem(row, column, QTableWidgetItem(text))
        _fit(table)
        table.setMinimumSize(430, 120)
        layout.addWidget(table, 1)
        layout.addWidget(_close_button(self))
        self.resize(_SIZE)  # its own idea of a size is too low for text that wraps


class ShortcutsDialog(QDialog):
    """Every command that has keys."""

    def __init__(self, shortcuts: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        layout.addWidget(label(tr("Shortcuts"), "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(7)
        half = (len(shortcuts) + 1) // 2
        for index, (text, keys) in enumerate(shortcuts):
            row, column = index % half, 2 * (index // half)
            grid.addWidget(label(text), row, column)
            grid.addWidget(label(keys, "muted"), row, column + 1, Qt.AlignmentFlag.AlignRight)
        layout.addLayout(grid)
        hint = tr(
            "Click: choose a person · double click: full screen · wheel: zoom · drag: move the zoomed picture · "
            "drop files to open them"
        )
        layout.addWidget(label(hint, "muted", wrap=True))
        layout.addWidget(_close_button(self))


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    box = QDialogButtonBox()
    button = box.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
    if button is not None:
        button.setDefault(True)
    box.rejected.connect(dialog.reject)
    return box


def _fit(table: QTableWidget) -> None:
    down, across = table.verticalHeader(), table.horizontalHeader()
    if down is not None:
        down.hide()
    if across is not None:
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None

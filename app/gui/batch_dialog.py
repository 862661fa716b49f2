"""Processing files whole: a list with progress, and what is made of each."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer, QUrl
from PyQt6.QtGui import QDesktopServices, QHideEvent, QKeyEvent, QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.errors import SourceError
from app.gui.drops import accept_drops
from app.gui.failure_texts import in_the_windows_words
from app.gui.file_dialogs import ask_files
from app.gui.texts import tr
from app.gui.transport_bar import clock
from app.gui.widgets.labels import ElidedLabel, label
from app.gui.widgets.switch import Switch
from app.gui.widgets.wrapped_text import WrappedText
from app.live.batch import BatchChoice, Job
from app.live.controller import LiveController
from app.sinks import PICTURE_SUFFIXES, VIDEO_SUFFIXES
from app.sources import expand_input, is_path

_LOOK_UP_MS = 250
_MOST_LINES = 5  # of problems at once


class BatchDialog(QDialog):
    """Chooses files, starts, shows how far each is, and opens the results.

    Args:
        controller: Does the work.
        folder: Tells where results go, into a new folder.
        parent: As of QWidget.
    """

    def __init__(self, controller: LiveController, folder: Callable[[], Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._parent_folder = folder
        batch = controller.batch
        self._paths = [job.path for job in batch.jobs()] if batch is not None else []
        self.setWindowTitle(tr("Process files"))
        self.resize(680, 460)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        layout.addWidget(label(tr("Process files"), "heading"))
        layout.addWidget(label(tr("Every frame is searched, with the networks and settings of the window."), "muted"))
        self.table = self._make_table()
        layout.addWidget(self.table, 1)
        self.problems = WrappedText("danger", most_lines=_MOST_LINES)
        self.problems.setAccessibleName(tr("Problems"))
        layout.addWidget(self.problems)
        self._switches: dict[str, Switch] = {}
        layout.addLayout(self._make_choices())
        self.stands_in = label(role="caption", wrap=True)
        layout.addWidget(self.stands_in)
        self.place = ElidedLabel("caption")
        layout.addWidget(self.place)
        layout.addLayout(self._make_buttons())
        self._shown: list[tuple[Job, list[str]]] = []  # what each row shows, and its problems
        self._look_up = QTimer(self)
        self._look_up.setInterval(_LOOK_UP_MS)
        self._look_up.timeout.connect(self.refresh)
        accept_drops(self, lambda specs: self.add_paths([Path(spec) for spec in specs if is_path(spec)]))

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setHorizontalHeaderLabels([tr("File"), tr("Progress"), ""])
        table.setAccessibleName(tr("Files to process"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)  # Tab leaves the table; arrows move in it
        table.cellActivated.connect(lambda row, column: self._open_result(row))  # double click, or Enter
        table.itemSelectionChanged.connect(self._show_openable)
        table.setShowGrid(False)
        table.setWordWrap(False)
        down, across = table.verticalHeader(), table.horizontalHeader()
        if down is not None:
            down.hide()
            down.setDefaultSectionSize(38)
        if across is not None:
            across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            across.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            across.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
            across.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
            across.resizeSection(1, 130)
            across.resizeSection(2, 200)
        return table

    def _make_choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        choices = (
            ("video", tr("Picture with skeletons"), True),
            ("keypoints", tr("Joints (.jsonl)"), True),
            ("angles", tr("Joint angles (.csv)"), False),
        )
        for column, (key, name, on) in enumerate(choices):
            switch = Switch()
            switch.setChecked(on)
            switch.setAccessibleName(name)
            switch.toggled.connect(self.refresh)
            grid.addWidget(switch, 0, 2 * column)
            grid.addWidget(label(name), 0, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
            self._switches[key] = switch
        return grid

    def _make_buttons(self) -> QHBoxLayout:
        self.add = QPushButton(tr("Add files…"))
        self.add.clicked.connect(self._ask)
        self.clear = QPushButton(tr("Clear list"))
        self.clear.clicked.connect(self._clear)
        self.open_result = QPushButton(tr("Open result"))
        self.open_result.clicked.connect(lambda: self._open_result(self.table.currentRow()))
        self.show_results = QPushButton(tr("Show in folder"))
        self.show_results.clicked.connect(self._show_results)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(self._cancel)
        self.start = QPushButton(tr("Start"))
        self.start.setProperty("role", "primary")
        self.start.clicked.connect(self._start)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.add)
        row.addWidget(self.clear)
        row.addStretch(1)
        for button in (self.open_result, self.show_results, self.cancel, self.start):
            row.addWidget(button)
        return row

    @property
    def switches(self) -> dict[str, Switch]:
        """What is made of each file, by the fields of BatchChoice."""
        return self._switches

    @property
    def paths(self) -> list[Path]:
        """The files of the list."""
        return list(self._paths)

    def add_paths(self, paths: list[Path]) -> None:
        """Put files at the end of the list, also of one that is worked through; those already there are left out.

        A folder stands for its pictures together and each of its videos, as for `process`.
        """
        paths = [file for path in paths for file in _expanded(path)]
        batch = self._controller.batch
        added = [path for path in dict.fromkeys(paths) if path not in self._paths]
        if batch is not None and paths and not (self._controller.processes and batch.add(tuple(added))):
            self._forget_results()
            added = list(dict.fromkeys(paths))
        self._paths += added
        self.refresh()

    def refresh(self) -> None:
        """Show the list as it stands."""
        batch = self._controller.batch
        jobs = batch.jobs() if batch is not None else tuple(Job(path) for path in self._paths)
        works = self._controller.processes
        self._show_jobs(jobs)
        self.clear.setEnabled(not works and bool(jobs))
        self.cancel.setVisible(works)
        self.start.setEnabled(not works and bool(self._paths) and any(s.isChecked() for s in self._switches.values()))
        self.open_result.setVisible(any(job.written for job in jobs))
        self._show_openable()
        self.show_results.setVisible(any(job.written for job in jobs))
        for switch in self._switches.values():
            switch.setEnabled(not works)
        problems = dict.fromkeys(problem for _, of_job in self._shown for problem in of_job)
        self.problems.setText("\n".join(problems))
        self.problems.setVisible(bool(problems))
        stands_in = batch.stands_in if batch is not None else None
        self.stands_in.setVisible(stands_in is not None)
        if stands_in is not None:
            text = tr("Weights that were chosen are not on this machine: {model} and {detector} are used instead.")
            self.stands_in.setText(text.format(model=stands_in.model, detector=stands_in.detector))
        self.place.set_whole_text(tr("Results go to {folder}").format(folder=self._results_folder()))

    def _show_jobs(self, jobs: tuple[Job, ...]) -> None:
        """Bring the rows up to date, and touch those alone that differ: there may be thousands."""
        self.table.setRowCount(len(jobs))
        del self._shown[len(jobs) :]
        for row, job in enumerate(jobs):
            if row < len(self._shown) and self._shown[row][0] == job:
                continue
            self._shown[row : row + 1] = [(job, _problems_of(job))]
            self._show_job(row, job)

    def _show_job(self, row: int, job: Job) -> None:
        if self.table.item(row, 0) is None:
            for column in (0, 2):
                self.table.setItem(row, column, QTableWidgetItem())
            bar = QProgressBar()
            bar.setTextVisible(False)
            holder = QWidget()
            inner = QHBoxLayout(holder)
            inner.setContentsMargins(6, 0, 14, 0)
            inner.addWidget(bar)
            self.table.setCellWidget(row, 1, holder)
        name, state = self.table.item(row, 0), self.table.item(row, 2)
        holder_widget = self.table.cellWidget(row, 1)
        found = holder_widget.findChild(QProgressBar) if holder_widget is not None else None
        if name is None or state is None or found is None:
            return
        name.setText(job.path.name)
        name.setToolTip(str(job.path))
        state.setText(_state_text(job))
        state.setToolTip("\n".join(self._shown[row][1]))
        unknown = job.state == "working" and job.total is None
        found.setRange(0, 0 if unknown else max(job.total or 1, 1))
        found.setValue(found.maximum() if job.state == "done" else job.done)

    def _results_folder(self) -> Path:
        batch = self._controller.batch
        return self._parent_folder() if batch is None else batch.folder

    def _ask(self) -> None:
        self.add_paths(ask_files(self))

    def _clear(self) -> None:
        self._forget_results()
        self.refresh()

    def _forget_results(self) -> None:
        self._controller.batch = None
        self._paths.clear()

    def _start(self) -> None:
        folder = self._parent_folder() / f"processed {datetime.now():%Y-%m-%d %H.%M.%S}"
        wanted = {key: switch.isChecked() for key, switch in self._switches.items()}
        self._controller.start_batch(tuple(self._paths), BatchChoice(folder, **wanted))
        self.refresh()

    def _cancel(self) -> None:
        if self._controller.batch is not None:
            self._controller.batch.cancel()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.refresh()
        self._look_up.start()

    def hideEvent(self, event: QHideEvent | None) -> None:
        self._look_up.stop()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        # Enter in the table opens a result; the dialog would click its first button with it, too.
        enter = event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (enter and self.table.hasFocus()):
            super().keyPressEvent(event)

    def _result_of(self, row: int) -> Path | None:
        """The file that a finished row made, the picture before tables; its folder where it made several pictures."""
        batch = self._controller.batch
        jobs = batch.jobs() if batch is not None else ()
        if not 0 <= row < len(jobs) or jobs[row].state in ("waiting", "working") or not jobs[row].written:
            return None
        seen = [path for path in jobs[row].written if path.suffix in VIDEO_SUFFIXES + PICTURE_SUFFIXES]
        return seen[0].parent if len(seen) > 1 else (seen or jobs[row].written)[0]

    def _show_openable(self) -> None:
        # Rows that are taken away change the selection too: nothing but the button may be touched from here.
        self.open_result.setEnabled(self._result_of(self.table.currentRow()) is not None)

    def _open_result(self, row: int) -> None:
        """Show a result with the program that the desktop has for it."""
        result = self._result_of(row)
        if result is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(result))):
            self._show_results()

    def _show_results(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._results_folder())))


def _expanded(path: Path) -> list[Path]:
    try:
        return [Path(each) for each in expand_input(path)]
    except SourceError:  # told when its turn comes
        return [path]


def _problems_of(job: Job) -> list[str]:
    sentences = [] if job.failure is None else [job.failure.sentence]
    problems = [in_the_windows_words(sentence) for sentence in (*sentences, *job.unreadable)]
    if job.left_out > len(job.unreadable):
        damaged = tr("{name}: {count} damaged frames were left out.")
        problems.append(damaged.format(name=job.path.name, count=job.left_out - len(job.unreadable)))
    return problems


def _state_text(job: Job) -> str:
    if job.state == "working":
        left = "" if job.seconds_left is None else tr("{time} left").format(time=clock(job.seconds_left + 0.5))
        return left or tr("{count} frames").format(count=job.done)
    if job.state == "done" and job.left_out:
        return tr("done, {count} left out").format(count=job.left_out)
    return {
        "waiting": tr("waiting"),
        "done": tr("done"),
        "cancelled": tr("cancelled"),
        "failed": tr("failed"),
    }[job.state]

"""What commands print: results on stdout, all else (progress, notes, errors) on stderr.

Rich takes a while to import, so it waits for the first table or bar.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from model.errors import WeightsError
from model.interruption import requests_to_end

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import ProgressColumn, TaskID
    from rich.table import Table

    from model.zoo import WeightSet
    from model.zoo.download import Progress

STDOUT = Path("-")
"""What options take for the standard output."""

_PIPED_WIDTH = 120  # no terminal, no width to ask for
_REFRESHES = 4  # of bars, a second: the cores have better to do


def one_line(message: str) -> str:
    """The message without line breaks, so that one error is one line whatever it quotes."""
    return " ".join(line.strip() for line in message.splitlines())


def print_error(message: str) -> None:
    """Print `error: message` on one line of stderr; never wrapped, never read as markup."""
    print_note(f"error: {message}")


def print_note(message: str) -> None:
    """Print a remark on one line of stderr; never wrapped, never read as markup."""
    print(one_line(message), file=sys.stderr, flush=True)


def show_help(context: typer.Context) -> None:
    """For a group of commands, when none of them was named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


class NoteHandler(logging.Handler):
    """Prints what the program's own modules log, as notes."""

    def emit(self, record: logging.LogRecord) -> None:
        print_note(record.getMessage())


def show_logged_notes() -> None:
    """Show what `model` and `app` log as information, such as that something takes a while, and why."""
    for name in ("model", "app"):
        logger = logging.getLogger(name)
        if not any(isinstance(handler, NoteHandler) for handler in logger.handlers):
            logger.addHandler(NoteHandler())
        logger.setLevel(logging.INFO)


def print_table(table: Table) -> None:
    """Print a rich table on stdout."""
    from rich.console import Console

    Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


@contextmanager
def _fetch_progress() -> Iterator[Progress]:
    """Bars on stderr, one a file, for what fetches weights; nothing is printed where nothing is fetched."""
    bars: list[RichProgress] = []
    tasks: dict[str, TaskID] = {}

    def note(name: str, done: int, total: int | None) -> None:
        if not bars:
            from rich.progress import DownloadColumn, TimeRemainingColumn

            bars.append(stderr_bars(DownloadColumn(), TimeRemainingColumn()))
            bars[0].start()
        if name not in tasks:
            tasks[name] = bars[0].add_task(name, total=total)
        bars[0].update(tasks[name], completed=done, total=total)

    try:
        yield note
    finally:
        for started in bars:
            started.stop()


def fetch_weights(weight_set: WeightSet) -> list[Path]:
    """The files of a weight set, fetched first where they are absent, with bars on stderr.

    Raises:
        WeightsError: They cannot be had; the message names others of the same network that are here.
    """
    from model.zoo import PoseWeightSet, ensure, others_here

    try:
        with _fetch_progress() as progress:
            return ensure(weight_set, progress)
    except WeightsError as error:
        others = others_here(weight_set) if isinstance(weight_set, PoseWeightSet) else []
        if not others:
            raise
        raise WeightsError(f"{error}; of the same network these are here: {', '.join(others)}") from error


def stderr_bars(*columns: ProgressColumn, disable: bool = False) -> RichProgress:
    """Bars on stderr, each behind its description and before these columns; they show from `start` or `with` on."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    name = TextColumn("{task.description}", markup=False)  # a file's name may hold brackets
    console = Console(stderr=True)
    return Progress(name, BarColumn(), *columns, console=console, refresh_per_second=_REFRESHES, disable=disable)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr with the time left, for what knows how much it has done, of how much."""
    from rich.progress import MofNCompleteColumn, TimeRemainingColumn

    with stderr_bars(MofNCompleteColumn(), TimeRemainingColumn()) as bars:
        task = bars.add_task(what, total=None)

        def note(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield note


def check_figures_file(json_path: Path | None, inputs: Iterable[Path]) -> None:
    """See that what `show_figures` will write can be written, before the figures are measured.

    Raises:
        SinkError: It cannot, or the file is one of the inputs.
    """
    from app.sinks import Originals, check_writable

    if json_path is None or json_path == STDOUT:
        return
    originals = Originals()
    originals.add(inputs)
    originals.check(json_path)
    check_writable(json_path)


def show_figures(figures: object, json_path: Path | None, print_them: Callable[[], None]) -> None:
    """Print figures for people, and write them for programs; where the file is `-`, print them for programs alone.

    Raises:
        SinkError: The file cannot be written.
    """
    import json

    text = json.dumps(figures, indent=2, ensure_ascii=False)
    if json_path == STDOUT:
        print(text)
        return
    print_them()
    if json_path is not None:
        write_text(json_path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file, with its folder.

    Raises:
        SinkError: The file cannot be written.
    """
    from app.sinks import create_folder_of, write_error

    create_folder_of(path)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise write_error(path, error.strerror) from error


@contextmanager
def stopping_on_request(meanwhile: str) -> Iterator[None]:
    """Let a polite request to end (SIGTERM, closing the terminal) do what Ctrl-C does, so that files are completed.

    Args:
        meanwhile: What is done before the end, for a note.
    """
    told = False

    def interrupt(number: int, frame: Any) -> None:
        nonlocal told
        if not told:
            told = True
            with suppress(RuntimeError, OSError):  # in the middle of another line, or where the terminal has gone
                print_note(f"note: stopping; {meanwhile}")
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in requests_to_end()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

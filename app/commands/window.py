"""No subcommand: the window."""

import os
import sys
from typing import Annotated

import typer

from app.errors import SourceError
from model.errors import UserError


def run(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="0|FILE|FOLDER|URL",
            help="What the window shows; left out: the first camera that works, else the demo clip.",
        ),
    ] = None,
) -> int:
    """Without a command, open the window.

    Raises:
        SourceError: The machine has no display to open it on.
    """
    if context.invoked_subcommand is not None:
        if source is not None:
            command = context.invoked_subcommand
            raise typer.BadParameter(f"it is for the window; leave it out before {command}", param_hint="--source")
        return 0
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in displays):
        raise SourceError(
            "there is no display to open the window on; "
            "log in to a desktop, or use python main.py process (see python main.py --help)"
        )
    try:
        from app.gui.start import run as run_window
    except ImportError as error:
        raise UserError(
            f"the window needs PyQt6 and pyqtgraph, which cannot be imported ({error}); "
            "run pip install -r requirements.txt"
        ) from error
    return run_window(source)

"""The command line: one module per subcommand, gathered here.

A command module imports nothing heavy at its top (no torch, OpenCV or MediaPipe): `--help` imports all of them and
answers in well under a second. It offers `run`, whose docstring is the help text, or `cli` where it has subcommands of
its own.
"""

import contextlib
import io
import os
import sys
from collections.abc import Sequence

import typer

from app.commands import benchmark, doctor, evaluate, export, models, process, train, weights, window
from app.commands.console import print_error, show_logged_notes
from model.errors import UserError

PROGRAM = "python main.py"
USER_ERROR = 2
INTERRUPTED = 130
BROKEN_PIPE = 1

cli = typer.Typer(
    help="Lite-HRNet Live: finds people in pictures, videos and camera streams, and their joints, in real time. "
    "Without a command, the window opens.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["--help", "-h"]},
)
cli.callback(invoke_without_command=True)(window.run)

# In the order of --help, which lists groups last.
cli.command("process")(process.run)
cli.command("models")(models.run)
cli.add_typer(weights.cli, name="weights")
cli.command("train")(train.run)
cli.command("evaluate")(evaluate.run)
cli.command("benchmark")(benchmark.run)
cli.command("export")(export.run)
cli.command("doctor")(doctor.run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: What follows the program's name; None for the process's own.

    Returns:
        The exit code: 0, 2 for whatever the user can put right, 130 after Ctrl-C, 1 when the reader of a pipe has gone.
    """
    for stream in (sys.stdout, sys.stderr):
        # A redirected stream on Windows has the regional encoding, which lacks most letters of other languages.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    show_logged_notes()
    try:
        code = cli(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        print(end="", flush=True)  # a broken pipe shows now, not as the interpreter ends; fine without any stdout
    except UserError as error:
        print_error(str(error))
        return USER_ERROR
    except typer.TyperException as error:
        command = getattr(getattr(error, "ctx", None), "command_path", PROGRAM)
        print_error(f"{error.format_message().rstrip('.')} (see {command} --help)")
        return error.exit_code
    except ImportError as error:
        # A package that is absent or whose system libraries are: which, and what to do, is what `doctor` finds out.
        print_error(f"cannot import {error.name or 'a package'} ({error}); run {PROGRAM} doctor")
        return USER_ERROR
    except (KeyboardInterrupt, typer.Abort):
        print_error("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes stdout once more as it ends; that must not fail a second time.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code if isinstance(code, int) else 0

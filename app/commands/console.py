"""What commands print: results on stdout, all else (progress, notes, errors) on stderr."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def one_line(message: str) -> str:
    """The message without line breaks, so that one error is one line whatever it quotes."""
    return " ".join(message.split())


def print_error(message: str) -> None:
    """Print `error: message` on one line of stderr; never wrapped, never read as markup."""
    print(f"error: {one_line(message)}", file=sys.stderr, flush=True)


def print_note(message: str) -> None:
    """Print a remark on one line of stderr; never wrapped, never read as markup."""
    print(one_line(message), file=sys.stderr, flush=True)


def stdout_console() -> "Console":
    """A rich console for tables and results; its import takes time, so it waits for the first use."""
    from rich.console import Console

    return Console(highlight=False)


def stderr_console() -> "Console":
    """A rich console for progress bars."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)

"""Prints the entry of a Linux desktop's menu, with this project's folder in it.

Quoting: Desktop Entry Specification 1.5 (freedesktop.org), "The Exec key" and "Possible value types".
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def entry(root: Path) -> str:
    """The text of the entry.

    Args:
        root: The project's folder.
    """
    template = (ROOT / "assets" / "lite-hrnet-live.desktop").read_text(encoding="utf-8")
    forms = ((_in_command if line.startswith("Exec=") else _text, line) for line in template.splitlines(keepends=True))
    return "".join(line.replace("@ROOT@", form(str(root))) for form, line in forms)


def _in_command(path: str) -> str:
    """Within double quotes of a command."""
    escaped = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in path)
    return _text(escaped.replace("%", "%%"))


def _text(value: str) -> str:
    """As any value of an entry."""
    return value.replace("\\", "\\\\")


if __name__ == "__main__":
    sys.stdout.buffer.write(entry(ROOT).encode())  # whatever the terminal's letters are

"""The menu entry of `make desktop`, for whatever the project's folder is called."""

import configparser
import re
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "packaging" / "desktop_entry.py"


@pytest.mark.parametrize("folder", ["/home/me/pose", '/home/it\'s & \\ x|y/춤 $HOME/100% "new" `a`'])
def test_the_command_is_read_back_as_it_was_meant(folder: str) -> None:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # keys differ by case
    parser.read_string(runpy.run_path(str(SCRIPT))["entry"](Path(folder)))
    values = {key: value.replace("\\\\", "\\") for key, value in parser["Desktop Entry"].items()}
    arguments = re.findall(r'"((?:[^"\\]|\\.)*)"', values["Exec"])
    read = [re.sub(r"\\(.)", r"\1", argument).replace("%%", "%") for argument in arguments]
    assert read == [f"{folder}/.venv/bin/python", f"{folder}/main.py"]
    assert values["Icon"] == f"{folder}/assets/icon.svg"

"""What docs/paper.md and docs/networks.md name exists, and their figures are those of the code."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from model.block_complexity import PAPERS_MILLION, block_costs, papers_table
from model.zoo import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
NETWORKS = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """The table whose first line begins so: what follows the first cell of each row, by that cell."""
    lines = text[text.index(f"| {heading}") :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name: rest for name, *rest in cells}


def code_of(table: dict[str, list[str]]) -> list[str]:
    return [name for *_, code in table.values() for name in re.findall("`([^`]+)`", code)]


def test_every_equation_names_code_that_exists() -> None:
    named = code_of(rows(PAPER, "paper | what it says"))
    assert len(named) > 12
    modules = [import_module(f"model.networks.{name}") for name in ("blocks", "lite_hrnet")]
    for name in named:
        parts = re.sub(r"\[.*", "", name).removeprefix("blocks.").removeprefix("lite_hrnet.").split(".")
        (found,) = {id(getattr(module, parts[0])) for module in modules if hasattr(module, parts[0])}
        owner = next(vars(module)[parts[0]] for module in modules if parts[0] in vars(module))
        assert found == id(owner)
        assert all(hasattr(owner, part) for part in parts[1:]), name


@pytest.mark.parametrize("name", code_of(rows(PAPER, "what | code")))
def test_every_file_around_the_network_exists(name: str) -> None:
    folders = [ROOT, *(ROOT / "model" / part for part in ("training", "networks"))]
    assert any((folder / name).is_file() for folder in folders)


def test_blocks_are_those_that_the_command_prints() -> None:
    table = rows(PAPER, "part | the paper's formula")
    assert list(table) == [row.part for row in papers_table(block_costs())]
    for row in papers_table(block_costs()):
        _, paper, here = table[row.part]
        assert paper == f"{row.paper / PAPERS_MILLION:.{len(paper.split('.')[1])}f}"
        assert here == f"{row.here / PAPERS_MILLION:.2f}"


def test_sizes_and_costs_are_those_of_the_catalogue() -> None:
    table = rows(NETWORKS, "network | parameters ours")
    listed = load_catalogue().networks
    assert table.keys() == listed.keys()
    for name, figures in listed.items():
        parameters, *_, macs, once, as_it_runs, _ = table[name]
        assert parameters == f"{figures.parameters:,}"
        assert macs == once == f"{figures.macs / 1e6:,.2f}"
        assert float(as_it_runs.replace(",", "")) >= float(once.replace(",", ""))

"""`models --blocks`: what conditional channel weighting saves, part by part and in whole networks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.commands.console import print_table

if TYPE_CHECKING:
    from rich.table import Table

    from model.block_complexity import NetworkCost, PapersCost, PartCost

_NUMBERS = ("Parameters", "MACs", "Paper", "Here")
_LEGEND = """\
MACs  multiply-adds in millions, for one crop: those of the blocks are of
      convolutions and of the products with the weights, those of the networks
      of convolutions alone, as in `models`
"""

_PAPERS_LEGEND = """\
Its formulas take all C channels of N positions where the blocks work on half of
them, one 1x1 convolution of two, no reduction of channels within the weights,
and the convolutions of the cross-resolution weights at one position.
"""


def print_blocks(as_json: bool) -> None:
    """Print both comparisons, as tables or as one JSON object."""
    from model.block_complexity import (
        FEATURES,
        PAPERS_REDUCTION,
        REFERENCE_SIZE,
        ablation_costs,
        block_costs,
        papers_table,
    )

    parts, networks = block_costs(), ablation_costs()
    paper = papers_table(parts)
    whole = _saved(parts, ("whole",), ("whole",))
    replaced = _saved(parts, ("1x1 convolutions",), ("cross-resolution weights", "spatial weights"))
    if as_json:
        saved = {"block": whole, "replaced": replaced, "paper": PAPERS_REDUCTION}
        content = {"parts": [part._asdict() for part in parts], "saved": saved}
        content |= {"papers_table": [row._asdict() for row in paper]}
        print(json.dumps(content | {"networks": [network._asdict() for network in networks]}, indent=2))
        return
    sizes = " and ".join("x".join(map(str, shape)) for shape in FEATURES)
    print(f"Blocks, features of {sizes}")
    print_table(_parts_table(parts))
    print(f"Saved: {whole:.0%} of the block; {replaced:.0%} of the 1x1 convolutions that the weights replace.\n")
    print("The paper's table 1 (arXiv 2104.06403) beside it, in units of 2^20 multiply-adds")
    print_table(_papers_table(paper))
    print(f"The paper states that {PAPERS_REDUCTION:.0%} of the block are saved (section 1).\n{_PAPERS_LEGEND}")
    print(f"Networks with and without the weights, 17 joints, {REFERENCE_SIZE}")
    print_table(_networks_table(networks))
    print()
    print(_LEGEND)


def _saved(parts: list[PartCost], of: tuple[str, ...], by: tuple[str, ...]) -> float:
    before = sum(part.macs for part in parts if part.block == "shuffle block" and part.part in of)
    after = sum(part.macs for part in parts if part.block == "channel weighting" and part.part in by)
    return 1 - after / before


def _parts_table(parts: list[PartCost]) -> Table:
    table = _table("Block", "Part", "Parameters", "MACs")
    for part in parts:
        table.add_row(
            part.block, part.part, f"{part.parameters}", f"{part.macs / 1e6:.3f}", end_section=part.part == "whole"
        )
    return table


def _papers_table(rows: list[PapersCost]) -> Table:
    from model.block_complexity import PAPERS_MILLION

    table = _table("Part", "The paper's formula", "Paper", "Here")
    for row in rows:
        table.add_row(row.part, row.formula, f"{row.paper / PAPERS_MILLION:.2f}", f"{row.here / PAPERS_MILLION:.2f}")
    return table


def _networks_table(networks: list[NetworkCost]) -> Table:
    table = _table("Network", "Cross-resolution", "Spatial", "Parameters", "MACs")
    for network in networks:
        weights = ("yes" if on else "no" for on in (network.cross_resolution_weights, network.spatial_weights))
        table.add_row(network.network, *weights, f"{network.parameters}", f"{network.macs / 1e6:.2f}")
    return table


def _table(*headings: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 0, 0, 2), header_style="dim")
    for heading in headings:
        table.add_column(heading, no_wrap=True, justify="right" if heading in _NUMBERS else "left")
    return table

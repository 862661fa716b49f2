"""`models --blocks`: what conditional channel weighting saves, part by part and in whole networks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.commands.console import print_table

if TYPE_CHECKING:
    from rich.table import Table

    from model.block_complexity import NetworkCost, PartCost

_LEGEND = """\
MACs  multiply-adds in millions, for one crop: those of the blocks are of
      convolutions and of the products with the weights, those of the networks
      of convolutions alone, as in `models`
"""


def print_blocks(as_json: bool) -> None:
    """Print both comparisons, as tables or as one JSON object."""
    from model.block_complexity import FEATURES, PAPERS_REDUCTION, REFERENCE_SIZE, ablation_costs, block_costs

    parts, networks = block_costs(), ablation_costs()
    whole = _saved(parts, ("whole",), ("whole",))
    replaced = _saved(parts, ("1x1 convolutions",), ("cross-resolution weights", "spatial weights"))
    if as_json:
        saved = {"block": whole, "replaced": replaced, "paper": PAPERS_REDUCTION}
        content = {"parts": [part._asdict() for part in parts], "saved": saved}
        print(json.dumps(content | {"networks": [network._asdict() for network in networks]}, indent=2))
        return
    sizes = " and ".join("x".join(map(str, shape)) for shape in FEATURES)
    print(f"Blocks, features of {sizes}")
    print_table(_parts_table(parts))
    print(
        f"Saved: {whole:.0%} of the block; {replaced:.0%} of the 1x1 convolutions that the weights replace.\n"
        f"The paper states {PAPERS_REDUCTION:.0%} of the block (arXiv 2104.06403, section 1).\n"
    )
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
        table.add_column(heading, no_wrap=True, justify="right" if heading in ("Parameters", "MACs") else "left")
    return table

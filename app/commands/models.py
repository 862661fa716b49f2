"""`models`: every network with its size, cost and accuracy, with weights or without."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.console import print_table

if TYPE_CHECKING:
    from rich.table import Table

    from model.zoo import PoseModel

_LEGEND = """\
Weights    ready: on this machine; to fetch: the first use brings them, or
           `weights fetch NAME`; none: import your own with `weights import`
MACs       multiply-adds of one pass over one person, in millions
Published  accuracy from 0 to 1 as the authors state it: AP on COCO for 17
           joints, PCKh on MPII for 16
Measured   AP by `evaluate` on 110 photographs of COCO val2017, boxes drawn by
           hand, no flip test
"""


def run(
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, and nothing else.")] = False,
    blocks: Annotated[
        bool,
        typer.Option(
            "--blocks",
            help="Compare the blocks that the paper compares instead, and Lite-HRNet with and without its weights.",
        ),
    ] = False,
) -> None:
    """List every pose network: size, cost, accuracy, and whether its weights are on this machine."""
    if blocks:
        from app.commands.block_tables import print_blocks

        print_blocks(as_json)
        return
    from model.zoo import all_pose_models

    models = all_pose_models()
    if as_json:
        print(json.dumps([_row(model) for model in models], indent=2, ensure_ascii=False))
        return
    width = max(len(model.name) for model in models)
    models.sort(key=lambda model: (-model.keypoints, model.network))
    for (network, keypoints, parameters), group in groupby(models, key=_kind):
        print(f"{network}: {keypoints} joints, {parameters / 1e6:.2f} M parameters")
        print_table(_table(list(group), width))
        print()
    print(_LEGEND)
    print(_names_that_stand_for_others())
    _recommend()


def _row(model: PoseModel) -> dict[str, Any]:
    from model.zoo import PoseWeightSet

    return {
        "name": model.name,
        "network": model.network,
        "keypoints": model.keypoints,
        "input_size": str(model.input_size),
        "decoding": model.decoding if isinstance(model, PoseWeightSet) else None,
        "parameters": model.parameters,
        "macs": model.macs,
        "published_ap": model.published_ap,
        "published_pckh": model.published_pckh,
        "measured_ap": model.measured_ap,
        "available": _state(model) == "ready",
    }


def _state(model: PoseModel) -> str:
    from model.zoo import OwnWeightSet, PoseWeightSet, is_available

    if not isinstance(model, PoseWeightSet):
        return "none"
    if is_available(model):
        return "ready"
    return "missing" if isinstance(model, OwnWeightSet) else "to fetch"


def _kind(model: PoseModel) -> tuple[str, int, int]:
    return model.network, model.keypoints, model.parameters


def _table(models: list[PoseModel], name_width: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 0, 0, 2), header_style="dim")
    table.add_column("Name", no_wrap=True, min_width=name_width)
    table.add_column("Weights", no_wrap=True, min_width=len("to fetch"))
    table.add_column("Input", no_wrap=True, min_width=len("256x192"))
    for heading in ("MACs", "Published", "Measured"):
        table.add_column(heading, no_wrap=True, justify="right")
    for model in models:
        published = model.published_ap if model.published_ap is not None else model.published_pckh
        cells = (
            model.name,
            _state(model),
            str(model.input_size),
            f"{model.macs / 1e6:.0f}",
            _share(published),
            _share(model.measured_ap),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _recommend() -> None:
    """Tell where something on this machine would serve better than the default."""
    from app.recommendation import better_here
    from model.zoo import resolve

    default = resolve("default")
    better = better_here(default)
    if better is not None:
        print(f"\n{better.name} is on this machine, as fast as {default.name} and more accurate:")
        print(f"use it with --model {better.name}")


def _names_that_stand_for_others() -> str:
    from model.zoo import load_catalogue

    named: dict[str, list[str]] = {}
    for alias, target in load_catalogue().aliases.items():
        named.setdefault(target, []).append(alias)
    lines = (f"  {target}: {', '.join(aliases)}" for target, aliases in named.items())
    return "\n".join(("--model takes a name above, or one that stands for it:", *lines))

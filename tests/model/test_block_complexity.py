"""What is counted of the blocks, against the paper's formulas by hand."""

import pytest

from model import block_complexity
from model.block_complexity import PAPERS_MILLION, PAPERS_REDUCTION, PartCost, ablation_costs, block_costs, papers_table
from model.zoo import load_catalogue

POSITIONS = (64 * 64, 32 * 32)
HALVES = (20, 40)


def part(block: str, name: str) -> PartCost:
    (found,) = [cost for cost in block_costs() if (cost.block, cost.part) == (block, name)]
    return found


def over_branches(formula) -> int:  # type: ignore[no-untyped-def]
    return sum(formula(n, c) for n, c in zip(POSITIONS, HALVES, strict=True))


def test_shuffle_block_costs_two_pointwise_and_a_depthwise_convolution() -> None:
    pointwise, depthwise = over_branches(lambda n, c: 2 * n * c * c), over_branches(lambda n, c: 9 * n * c)
    assert part("shuffle block", "1x1 convolutions").macs == pointwise
    assert part("shuffle block", "3x3 depthwise convolution").macs == depthwise
    assert part("shuffle block", "whole").macs == pointwise + depthwise
    # Batch norm's two numbers a channel stand beside each convolution's weights.
    assert part("shuffle block", "whole").parameters == over_branches(lambda n, c: 2 * (c * c + 2 * c) + 9 * c + 2 * c)


def test_channel_weighting_costs_its_weights_and_a_depthwise_convolution() -> None:
    products = over_branches(lambda n, c: n * c)
    total, hidden = 60, 7
    cross_resolution = POSITIONS[1] * 2 * total * hidden + products
    spatial = over_branches(lambda n, c: 2 * c * (c // 4)) + products
    assert part("channel weighting", "cross-resolution weights").macs == cross_resolution
    assert part("channel weighting", "spatial weights").macs == spatial
    whole = part("channel weighting", "whole")
    assert whole.macs == cross_resolution + spatial + part("shuffle block", "3x3 depthwise convolution").macs
    assert whole.parameters == sum(
        cost.parameters for cost in block_costs() if cost.block == "channel weighting" and cost.part != "whole"
    )


def test_the_papers_formulas_give_the_papers_figures() -> None:
    rows = {row.part: row for row in papers_table(block_costs())}
    millions = [row.paper / PAPERS_MILLION for row in rows.values()]
    assert [f"{figure:.{1 if figure > 1 else 2}f}" for figure in millions] == ["12.5", "2.1", "0.25", "0.26", "0.51"]
    pointwise, depthwise, _, _, both = (row.paper for row in rows.values())
    assert 1 - (both + depthwise) / (pointwise + depthwise) == pytest.approx(PAPERS_REDUCTION, abs=0.03)


def test_the_blocks_beside_the_papers_formulas() -> None:
    """Half of the channels, two 1x1 convolutions, reduced weights, computed at 1,024 positions."""
    rows = {row.part: row for row in papers_table(block_costs())}
    assert rows["1x1 convolutions"].here * 2 == rows["1x1 convolutions"].paper
    assert rows["3x3 depthwise convolution"].here * 2 == rows["3x3 depthwise convolution"].paper
    assert rows["both weights"].here == rows["spatial weights"].here + rows["cross-resolution weights"].here
    assert {name for name, row in rows.items() if row.here > row.paper} == {"cross-resolution weights", "both weights"}


def test_networks_without_weights_are_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_complexity, "WEIGHTED_NETWORKS", ("lite-hrnet-18",))
    both, without_spatial, without_cross_resolution, neither = ablation_costs()
    listed = load_catalogue().networks["lite-hrnet-18"]
    assert (both.parameters, both.macs) == (listed.parameters, listed.macs)
    # Spatial weights of 8 channels' width c: two convolutions with biases, in 2 x 2, 4 x 2 and 2 x 2 blocks.
    blocks = {20: 16, 40: 16, 80: 12, 160: 4}
    spatial = sum(count * (2 * c * (c // 4) + c // 4 + c) for c, count in blocks.items())
    assert both.parameters - without_spatial.parameters == spatial
    assert both.macs - without_spatial.macs == sum(count * 2 * c * (c // 4) for c, count in blocks.items())
    # Cross-resolution weights: two convolutions and their batch norms, at the lowest of the branches' positions.
    stages = [(60, 7, 32 * 24, 4), (140, 17, 16 * 12, 8), (300, 37, 8 * 6, 4)]
    parameters = sum(count * (2 * total * hidden + 2 * hidden + 2 * total) for total, hidden, _, count in stages)
    assert both.parameters - without_cross_resolution.parameters == parameters
    macs = sum(count * 2 * total * hidden * positions for total, hidden, positions, count in stages)
    assert both.macs - without_cross_resolution.macs == macs
    assert neither.parameters == both.parameters - spatial - parameters

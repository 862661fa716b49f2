"""A deeper network that starts from a shallower one's weights."""

from pathlib import Path
from typing import cast

import pytest
import torch

from model.checkpoints import save_safetensors
from model.errors import CheckpointError
from model.networks import build_network
from model.networks.lite_hrnet import HRModule
from model.networks.pose_network import PoseNetwork
from model.training.distillation import cut, run_segments
from model.training.growth import start_from


def build(name: str, seed: int) -> PoseNetwork:
    torch.manual_seed(seed)
    return cast(PoseNetwork, build_network(name, 17))


@pytest.fixture
def trained(tmp_path: Path) -> tuple[PoseNetwork, Path]:
    network = build("lite-hrnet-18", 1)
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5)
    path = tmp_path / "trained.safetensors"
    save_safetensors(network.state_dict(), path, {"network": "lite-hrnet-18"})
    return network, path


def test_what_precedes_the_first_added_module_says_the_same(trained: tuple[PoseNetwork, Path]) -> None:
    shallower, path = trained
    deeper = build("lite-hrnet-30", 2)
    start_from(deeper, path)
    images = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours = run_segments(cut(deeper.eval(), (3, 8, 3))[:3], images)
        theirs = run_segments(cut(shallower.eval(), (2, 4, 2))[:3], images)
    for mine, other in zip(ours[-1], theirs[-1], strict=True):
        torch.testing.assert_close(mine, other)


def test_transitions_and_head_are_copied_and_later_modules_are_not(trained: tuple[PoseNetwork, Path]) -> None:
    shallower, path = trained
    deeper = build("lite-hrnet-30", 2)
    start_from(deeper, path)
    state = deeper.state_dict()
    for name, tensor in shallower.state_dict().items():
        if tensor.is_floating_point():
            copied = not name.startswith(("backbone.stage1.", "backbone.stage2."))
            assert bool((state[name] == tensor).all()) == copied, name


def test_an_added_module_passes_on_what_it_gets(trained: tuple[PoseNetwork, Path]) -> None:
    """Its exchange adds nothing to the branches at first, apart from doubling branch 0 as every exchange does."""
    deeper = build("lite-hrnet-30", 2)
    start_from(deeper, trained[1])
    branches = [torch.rand(1, 40, 16, 16), torch.rand(1, 80, 8, 8)]
    added = cast(HRModule, deeper.eval().get_submodule("backbone.stage0.2"))
    with torch.no_grad():
        fused = added.fuse_layers(branches)
    torch.testing.assert_close(fused[0], 2 * branches[0])
    torch.testing.assert_close(fused[1], branches[1])


def test_the_same_network_is_loaded(trained: tuple[PoseNetwork, Path]) -> None:
    same = build("lite-hrnet-18", 2)
    start_from(same, trained[1])
    state = same.state_dict()
    assert all(bool((state[name] == tensor).all()) for name, tensor in trained[0].state_dict().items())


@pytest.mark.parametrize("name", ["naive-lite-hrnet-18", "wider-naive-lite-hrnet-18", "mobilenet-v2"])
def test_another_network_is_refused(name: str, trained: tuple[PoseNetwork, Path]) -> None:
    with pytest.raises(CheckpointError, match="it fits lite-hrnet-18 with 17 keypoints"):
        start_from(build(name, 0), trained[1])


def test_a_deeper_networks_weights_do_not_fit_a_shallower_one(tmp_path: Path) -> None:
    path = tmp_path / "deeper.safetensors"
    save_safetensors(build("lite-hrnet-30", 0).state_dict(), path, {"network": "lite-hrnet-30"})
    with pytest.raises(CheckpointError, match="it fits lite-hrnet-30"):
        start_from(build("lite-hrnet-18", 0), path)

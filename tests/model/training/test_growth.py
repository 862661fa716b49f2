"""A deeper network that starts from a shallower one: the shipped lite-hrnet-18, grown on crops of the demo clip."""

from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from model.checkpoints import load_checkpoint, save_safetensors
from model.errors import CheckpointError
from model.networks import build_network
from model.networks.lite_hrnet import HRModule
from model.networks.pose_network import PoseNetwork
from model.training.channel_order import channel_orders
from model.training.distillation import cut, run_segments
from model.training.growth import start_from
from model.training.objective import normalise

ROOT = Path(__file__).parents[3]
TRAINED = ROOT / "weights" / "lite-hrnet-18-256x192.safetensors"
SHALLOW, DEEP = (2, 4, 2), (3, 8, 3)


def build(name: str, seed: int) -> PoseNetwork:
    torch.manual_seed(seed)
    return cast(PoseNetwork, build_network(name, 17))


def no_crops() -> Tensor:
    raise AssertionError("nothing is to be fitted")


@pytest.fixture(scope="module")
def crops() -> Tensor:
    """Parts of the demo clip, 96 of 96x64."""
    video = cv2.VideoCapture(str(ROOT / "assets" / "demo.mp4"))
    rng = np.random.default_rng(0)
    found: list[np.ndarray] = []
    while len(found) < 96:
        read, frame = video.read()
        assert read
        height = int(rng.integers(frame.shape[0] // 3, frame.shape[0]))
        width = height * 2 // 3
        y, x = rng.integers(0, frame.shape[0] - height + 1), rng.integers(0, frame.shape[1] - width + 1)
        part = np.ascontiguousarray(frame[y : y + height, x : x + width, ::-1])
        found.append(cv2.resize(part, (64, 96), interpolation=cv2.INTER_AREA))
    video.release()
    return normalise(torch.from_numpy(np.stack(found)[rng.permutation(96)]))


@pytest.fixture(scope="module")
def shallower() -> PoseNetwork:
    network = build("lite-hrnet-18", 1)
    load_checkpoint(network, TRAINED)
    return network.eval()


@pytest.fixture(scope="module")
def grown(crops: Tensor) -> PoseNetwork:
    network = build("lite-hrnet-30", 2)
    start_from(network, TRAINED, lambda: crops[:64])
    assert network.training
    return network.eval()


def unexplained(found: Tensor, wanted: Tensor) -> Tensor:
    """Mean square errors of channels as a share of their variance, (C,)."""
    return (found - wanted).square().mean((0, 2, 3)) / (wanted.var((0, 2, 3)) + 1e-8)


def test_a_grown_network_says_nearly_the_same_of_crops_that_it_was_not_fitted_on(
    grown: PoseNetwork, shallower: PoseNetwork, crops: Tensor
) -> None:
    fresh = build("lite-hrnet-30", 3)
    with torch.no_grad():
        wanted = shallower(crops[64:])
        # The median: what the network never finds in these crops has no variance to be explained.
        assert unexplained(grown(crops[64:]), wanted).median() < 0.3
        assert unexplained(fresh.eval()(crops[64:]), wanted).median() > 0.9


def test_channels_are_where_the_shuffles_bring_them(grown: PoseNetwork, shallower: PoseNetwork, crops: Tensor) -> None:
    """Alike behind the first module, nearly so behind added ones; branch 0 has a scale of its own."""
    with torch.no_grad():
        ours, theirs = (run_segments(cut(each, SHALLOW), crops[64:])[1:-1] for each in (grown, shallower))
    orders = channel_orders((40, 80, 160, 320), DEEP, SHALLOW)
    for segment, (mine, other, order) in enumerate(zip(ours, theirs, orders, strict=True)):
        for branch, (x, y) in enumerate(zip(mine, other, strict=True)):
            wanted = y[:, order[branch]]
            slope = (x * wanted).mean() / wanted.square().mean()
            error = unexplained(x / slope, wanted).median()
            assert error < (1e-4 if segment == 0 else 0.5), (segment, branch)


def test_an_added_module_passes_on_what_it_gets(grown: PoseNetwork) -> None:
    """Its exchange adds nothing to the branches at first, apart from doubling branch 0 as every exchange does."""
    branches = [torch.rand(1, 40, 16, 16), torch.rand(1, 80, 8, 8)]
    added = cast(HRModule, grown.get_submodule("backbone.stage0.1"))
    with torch.no_grad():
        fused = added.fuse_layers(branches)
    torch.testing.assert_close(fused[0], 2 * branches[0])
    torch.testing.assert_close(fused[1], branches[1])


def test_every_block_of_a_grown_network_can_learn(grown: PoseNetwork, crops: Tensor) -> None:
    """Also where it is to leave channels as they are at first."""
    grown.train()(crops[:4]).square().sum().backward()
    grown.eval()
    blocks = {name: parameter for name, parameter in grown.named_parameters() if ".layers." in name}
    assert len(blocks) > 500
    for name, parameter in blocks.items():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
    grown.zero_grad(set_to_none=True)


def test_the_same_network_is_loaded(shallower: PoseNetwork) -> None:
    same = build("lite-hrnet-18", 2)
    start_from(same, TRAINED, no_crops)
    state = same.state_dict()
    assert all(bool((state[name] == tensor).all()) for name, tensor in shallower.state_dict().items())


@pytest.mark.parametrize("name", ["naive-lite-hrnet-18", "wider-naive-lite-hrnet-18", "mobilenet-v2"])
def test_another_network_is_refused(name: str) -> None:
    with pytest.raises(CheckpointError, match="it fits lite-hrnet-18 with 17 keypoints"):
        start_from(build(name, 0), TRAINED, no_crops)


def test_a_deeper_networks_weights_do_not_fit_a_shallower_one(tmp_path: Path) -> None:
    path = tmp_path / "deeper.safetensors"
    save_safetensors(build("lite-hrnet-30", 0).state_dict(), path, {"network": "lite-hrnet-30"})
    with pytest.raises(CheckpointError, match="it fits lite-hrnet-30"):
        start_from(build("lite-hrnet-18", 0), path, no_crops)

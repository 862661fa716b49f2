"""The Lite-HRNets: names and shapes of the weights, parity with mmpose, arithmetic against the textbook form."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from model.errors import ConfigError
from model.networks import NETWORK_NAMES, build_network
from model.networks.blocks import ConditionalChannelWeighting, shuffle_concat
from tests.model.filling import fill
from tests.model.textbook import TextbookLiteHRNet, shuffle

LISTS = {
    "lite-hrnet-18": "lite18",
    "lite-hrnet-30": "lite30",
    "naive-lite-hrnet-18": "naive18",
    "wider-naive-lite-hrnet-18": "wnaive18",
}
PARAMETERS = {
    "lite-hrnet-18": 1_130_769,
    "lite-hrnet-30": 1_763_717,
    "naive-lite-hrnet-18": 760_365,
    "wider-naive-lite-hrnet-18": 1_318_625,
}
NAMES_DIGEST = {  # the start of the SHA-256 of all names and shapes
    "lite-hrnet-18": "42672791b4905e93",
    "lite-hrnet-30": "a47ed20a22482f2a",
    "naive-lite-hrnet-18": "8e7e56ac6020a072",
    "wider-naive-lite-hrnet-18": "f49903dc06d2c118",
}


def names_and_shapes(network: nn.Module) -> list[str]:
    return [f"{name} {tuple(tensor.shape)}" for name, tensor in network.state_dict().items()]


def filled_network(name: str, **switches: bool) -> nn.Module:
    network = build_network(name, **switches)
    network.load_state_dict(fill(network.state_dict()))
    return network


@pytest.mark.parametrize("name", LISTS)
def test_parameters_are_as_published(name: str) -> None:
    network = build_network(name)
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[name]
    digest = hashlib.sha256("\n".join(names_and_shapes(network)).encode()).hexdigest()
    assert digest.startswith(NAMES_DIGEST[name])


@pytest.mark.shared_data
@pytest.mark.parametrize("name", LISTS)
def test_names_shapes_and_order_equal_the_published_list(name: str, shared_dir: Path) -> None:
    listed = (shared_dir / "docs" / "keys" / f"{LISTS[name]}.keys").read_text(encoding="utf-8").splitlines()
    assert names_and_shapes(build_network(name)) == listed


@pytest.mark.shared_data
@pytest.mark.parametrize("size", [(256, 192), (128, 96)])
@pytest.mark.parametrize("name", LISTS)
def test_heatmaps_equal_those_of_mmpose(name: str, size: tuple[int, int], shared_dir: Path) -> None:
    with np.load(shared_dir / "reference" / "lite_hrnet_parity.npz") as stored:
        expected = stored[f"{LISTS[name]}_{size[0]}x{size[1]}"]
    x = np.random.RandomState(1007).standard_normal((1, 3, *size)).astype(np.float32)
    with torch.inference_mode():
        heatmaps = filled_network(name).eval()(torch.from_numpy(x))[0].numpy()
    assert heatmaps.shape == expected.shape
    assert np.abs(heatmaps - expected).max() < 1e-3 * expected.std()


SWITCHES = [{}, {"cross_resolution_weights": False}, {"spatial_weights": False}]
CASES = [("naive-lite-hrnet-18", {}), *(("lite-hrnet-18", switches) for switches in SWITCHES)]


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize(("name", "switches"), CASES)
def test_heatmaps_and_gradients_equal_the_textbook_form(name: str, switches: dict[str, bool], training: bool) -> None:
    network = filled_network(name, **switches).double().train(training)
    x = torch.randn(2, 3, 64, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    weights = torch.randn(2, 17, 16, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(2))

    parameters = dict(network.named_parameters())
    state = dict(network.state_dict(keep_vars=True))
    expected = TextbookLiteHRNet(state, training=training)(x)
    expected_gradients = torch.autograd.grad((expected * weights).sum(), list(parameters.values()))
    heatmaps = network(x)
    gradients = torch.autograd.grad((heatmaps * weights).sum(), list(parameters.values()))

    torch.testing.assert_close(heatmaps, expected, rtol=1e-9, atol=1e-9)
    for parameter, gradient, wanted in zip(parameters, gradients, expected_gradients, strict=True):
        scale = max(1.0, float(wanted.abs().max()))
        torch.testing.assert_close(gradient, wanted, rtol=1e-7, atol=1e-8 * scale, msg=parameter)
    assert all(bool(gradient.any()) for gradient in expected_gradients)


def test_a_training_step_updates_each_batch_norm_once() -> None:
    network = build_network("lite-hrnet-18").train()
    network(torch.randn(2, 3, 32, 32))
    counts = {int(v) for name, v in network.state_dict().items() if name.endswith("num_batches_tracked")}
    assert counts == {1}


@pytest.mark.parametrize("name", ["lite-hrnet-18", "naive-lite-hrnet-18"])
def test_memory_layout_does_not_change_the_answer(name: str) -> None:
    network = filled_network(name).double().eval()
    x = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    with torch.inference_mode():
        plain = network(x)
        last = network(x.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(last, plain, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_shuffle_concat_is_concatenation_then_channel_shuffle(layout: torch.memory_format) -> None:
    x = torch.randn(2, 12, 4, 6).contiguous(memory_format=layout)
    first, second = x.split(6, dim=1)
    mixed = shuffle_concat(first, second)
    assert torch.equal(mixed, shuffle(x.contiguous()))
    assert mixed.is_contiguous(memory_format=layout)


def test_switched_off_weights_leave_no_parameters() -> None:
    without = build_network("lite-hrnet-18", cross_resolution_weights=False, spatial_weights=False)
    assert not [name for name in without.state_dict() if "weighting" in name]
    whole = ConditionalChannelWeighting([40, 80])
    for switch, prefix in [("cross_resolution_weights", "cross_res"), ("spatial_weights", "spatial")]:
        part = ConditionalChannelWeighting([40, 80], **{switch: False})
        absent = {name for name, _ in whole.named_parameters() if name.startswith(prefix)}
        assert {name for name, _ in whole.named_parameters()} - {name for name, _ in part.named_parameters()} == absent
        assert absent


def test_only_conditional_networks_have_weights_to_switch_off() -> None:
    with pytest.raises(ConfigError, match=r"naive-lite-hrnet-18 has no spatial_weights.*lite-hrnet-30"):
        build_network("naive-lite-hrnet-18", spatial_weights=False)


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_every_network_maps_crops_to_heatmaps_a_quarter_their_size(name: str) -> None:
    network = build_network(name, keypoints=16).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 64, 96)).shape == (2, 16, 16, 24)


@pytest.mark.parametrize("name", NETWORK_NAMES)
@pytest.mark.parametrize("size", [(250, 192), (256, 180)])
def test_a_size_off_the_grid_is_refused(name: str, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"input is {size[0]}x{size[1]}: height and width must be multiples of 32"):
        build_network(name)(torch.zeros(1, 3, *size))


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        build_network("hrnet-9000")
    assert "hrnet-9000" in str(caught.value)
    assert all(name in str(caught.value) for name in NETWORK_NAMES)


def test_listing_the_names_does_not_import_torch() -> None:
    code = (
        "import sys; from model.networks import NETWORK_NAMES; assert NETWORK_NAMES; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_fresh_weights_follow_the_recipe() -> None:
    torch.manual_seed(0)
    network = build_network("lite-hrnet-18")
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    weights = torch.cat([m.weight.flatten() for m in convolutions])
    assert weights.std().item() == pytest.approx(0.001, rel=0.01)
    assert not any(bool(m.bias.any()) for m in convolutions if m.bias is not None)
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert all(bool((m.weight == 1).all()) and not bool(m.bias.any()) for m in norms)

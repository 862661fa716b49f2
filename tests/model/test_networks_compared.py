"""The networks that the paper compares with, held to mmpose's own."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from model.checkpoints import identify_network, load_checkpoint
from model.networks import build_network
from tests.model.filling import fill


@dataclass(frozen=True)
class Reference:
    """What mmpose 1.3.2's network of the same weights gives, in double precision.

    Attributes:
        parameters: How many, with 17 keypoints.
        names: The start of the SHA-256 of all names and shapes of the state dict.
        projections: Heatmaps of one random input, multiplied with four random tensors of their shape and summed.
    """

    parameters: int
    names: str
    projections: tuple[float, float, float, float]


REFERENCES = {
    "small-hrnet-w16": Reference(1_284_961, "fc11940dd396cbc5", (494.45348, -571.45947, -120.55417, -408.19278)),
    "hrnet-w32": Reference(28_536_113, "2d32d0f8bdd50627", (7557.5841, 10990.452, -3490.4465, 29815.095)),
    "mobilenet-v2": Reference(9_569_809, "71768aa283228342", (-3.3264865, -5.9448911, -9.4673902, 5.0088908)),
    "shufflenet-v2": Reference(7_550_965, "46cb388c957681cf", (2.2240643, -17.141222, 9.9017613, 4.8321326)),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_network_is_that_of_mmpose(name: str) -> None:
    reference = REFERENCES[name]
    network = build_network(name).double().eval()
    assert sum(parameter.numel() for parameter in network.parameters()) == reference.parameters
    listed = "\n".join(f"{key} {tuple(tensor.shape)}" for key, tensor in network.state_dict().items())
    assert hashlib.sha256(listed.encode()).hexdigest().startswith(reference.names)

    network.load_state_dict(fill(network.state_dict()))
    x = torch.from_numpy(np.random.RandomState(1007).standard_normal((1, 3, 64, 96)))
    with torch.inference_mode():
        heatmaps = network(x).numpy()
    projections = np.random.RandomState(2).standard_normal((4, heatmaps.size)) @ heatmaps.ravel()
    assert projections == pytest.approx(reference.projections, rel=1e-6)


@pytest.mark.parametrize("name", ["small-hrnet-w16", "mobilenet-v2", "shufflenet-v2"])
def test_a_checkpoint_of_mmpose_loads(name: str, tmp_path: Path) -> None:
    network = build_network(name, keypoints=16)
    filled = fill(network.state_dict())
    old_names = {re.sub("^head[.]", "keypoint_head.", key): tensor for key, tensor in filled.items()}
    torch.save({"meta": {"epoch": 210}, "state_dict": old_names}, tmp_path / "published.pth")
    load_checkpoint(network, tmp_path / "published.pth")
    assert all(torch.equal(tensor, filled[key]) for key, tensor in network.state_dict().items())
    assert identify_network(filled) == (name, 16)

from typing import Any, cast

import numpy as np
import pytest
import torch

from model.checkpoints import save_safetensors
from model.engines.preprocessing import FromCrops
from model.networks import build_network
from model.networks.pose_network import PoseNetwork
from model.training.batches import Batch
from model.training.config import Phase
from model.training.objective import Objective, load_teacher, normalise

TEACHER = "wider-naive-lite-hrnet-18"


@pytest.fixture(scope="module")
def batch() -> Batch:
    rng = np.random.default_rng(0)
    crops = torch.from_numpy(rng.integers(0, 256, (2, 64, 64, 3), np.uint8))
    return Batch(crops, torch.rand(2, 17, 16, 16, generator=torch.Generator().manual_seed(0)), torch.ones(2, 17))


def objective(tmp_path_factory: pytest.TempPathFactory, **teacher: Any) -> Objective:
    return objective_and_teacher(tmp_path_factory, **teacher)[0]


def objective_and_teacher(tmp_path_factory: pytest.TempPathFactory, **teacher: Any) -> tuple[Objective, PoseNetwork]:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("teacher") / "t.safetensors"
    save_safetensors(build_network(TEACHER).state_dict(), path, {})
    settings = {"network": TEACHER, "weights": path} | teacher
    phase = Phase(images=2, input_size="64x64", batch_size=2, learning_rate=1, teacher=settings)  # type: ignore[arg-type]
    assert phase.teacher is not None
    network = cast(PoseNetwork, build_network("lite-hrnet-18"))
    loaded = load_teacher(phase.teacher, 17)
    return Objective(network, phase, loaded), loaded


def trained(of: Objective) -> set[str]:
    names = (name for name, parameter in of.network.named_parameters() if parameter.grad is not None)
    return {name.split(".")[1] for name in names if name.startswith("backbone.")}


def test_crops_are_normalised_as_engines_do(batch: Batch) -> None:
    torch.testing.assert_close(normalise(batch.crops), FromCrops(torch.nn.Identity())(batch.crops))
    assert normalise(batch.crops).is_contiguous(memory_format=torch.channels_last)


def test_the_teacher_is_not_trained(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> None:
    of = objective(tmp_path_factory, features=1.0)
    own = sum(1 for _ in of.network.parameters())
    assert sum(1 for _ in of.parameters()) == own
    assert len(of.state_dict()) == len(of.network.state_dict())


@pytest.mark.parametrize("native", [True, False])
def test_the_teacher_answers_in_16_bits_only_where_the_processor_has_them(
    batch: Batch, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    monkeypatch.setattr("torch.ops.mkldnn._is_mkldnn_bf16_supported", lambda: native)
    seen: list[torch.dtype] = []
    of, teacher = objective_and_teacher(tmp_path_factory)
    teacher.head.register_forward_hook(lambda module, given, answer: seen.append(answer.dtype))
    of(*batch)
    assert seen == [torch.bfloat16 if native else torch.float32]


def test_labels_and_the_teachers_maps_are_weighed(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> None:
    losses = objective(tmp_path_factory, heatmaps=0.25)(*batch)
    torch.testing.assert_close(losses["loss"], 0.75 * losses["labels"] + 0.25 * losses["teacher"])


def test_features_are_added_for_every_segment(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> None:
    losses = objective(tmp_path_factory, heatmaps=1.0, features=2.0)(*batch)
    errors = [losses[f"features_{k}"] for k in range(9)]
    torch.testing.assert_close(losses["loss"], losses["teacher"] + 2 * torch.stack(errors).mean())


def test_fed_segments_all_learn(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> None:
    of = objective(tmp_path_factory, fed=True)
    of(*batch)["loss"].backward()
    stages = {f"{kind}{s}" for kind in ("transition", "stage") for s in range(3)}
    assert trained(of) == stages | {"stem", "head_layer"}


@pytest.mark.parametrize("fed", [True, False])
def test_the_first_segments_can_learn_alone(batch: Batch, tmp_path_factory: pytest.TempPathFactory, fed: bool) -> None:
    of = objective(tmp_path_factory, fed=fed, segments=2)
    losses = of(*batch)
    losses["loss"].backward()
    assert set(losses) == {"loss", "features_0", "features_1"}
    assert trained(of) == {"stem", "transition0", "stage0"}
    assert of.network.get_submodule("backbone.stage0.1.fuse_layers.0.1.0").weight.grad is None

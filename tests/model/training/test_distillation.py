from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from model.errors import ConfigError
from model.networks import build_network
from model.networks.pose_network import PoseNetwork
from model.training.config import Phase, Teacher
from model.training.distillation import (
    Adapters,
    common_cuts,
    cut,
    feature_errors,
    modules_per_stage,
    run_fed,
    run_segments,
)
from model.training.objective import Objective


def network(name: str, seed: int = 0) -> PoseNetwork:
    torch.manual_seed(seed)
    built = cast(PoseNetwork, build_network(name, 17))
    for module in built.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight, 1.0, 0.2)
            torch.nn.init.normal_(module.bias, 0.0, 0.2)
    return built.eval()


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(size=(2, 3, 64, 64)).astype(np.float32))


@pytest.mark.parametrize(("name", "cuts"), [("lite-hrnet-18", (2, 4, 2)), ("lite-hrnet-30", (2, 4, 2))])
def test_segments_one_after_another_are_the_network(name: str, cuts: tuple[int, ...], images: torch.Tensor) -> None:
    whole = network(name)
    with torch.no_grad():
        features = run_segments(cut(whole, cuts), images)
        expected = whole(images)
    assert len(features) == sum(cuts) + 2
    torch.testing.assert_close(features[-1][0], expected)


def test_segments_cover_every_parameter_once() -> None:
    whole = network("lite-hrnet-30")
    found = [parameter for segment in cut(whole, (2, 4, 2)) for parameter in segment.parameters()]
    assert len(found) == len({id(parameter) for parameter in found}) == len(list(whole.parameters()))


def test_features_of_the_family_have_the_same_shapes(images: torch.Tensor) -> None:
    pair = network("lite-hrnet-30"), network("wider-naive-lite-hrnet-18")
    cuts = common_cuts(*pair)
    assert cuts == modules_per_stage(pair[1]) == (2, 4, 2)
    with torch.no_grad():
        ours, taught = (run_segments(cut(each, cuts), images) for each in pair)
    for mine, theirs in zip(ours, taught, strict=True):
        assert [branch.shape for branch in mine] == [branch.shape for branch in theirs]


def test_a_fed_segment_depends_on_itself_and_the_teacher_alone(images: torch.Tensor) -> None:
    student, teacher = network("lite-hrnet-18", 1), network("wider-naive-lite-hrnet-18")
    cuts = common_cuts(student, teacher)
    segments = cut(student, cuts)
    with torch.no_grad():
        taught = run_segments(cut(teacher, cuts), images)
    errors = feature_errors(run_fed(segments, images, taught), taught)
    errors[3].backward()
    for name, parameter in student.named_parameters():
        trained = parameter.grad is not None and bool(parameter.grad.any())
        assert trained == name.startswith(("backbone.transition1.", "backbone.stage1.0.")), name


def test_feature_errors_are_in_units_of_variance() -> None:
    generator = torch.Generator().manual_seed(0)
    taught = [[50 + torch.randn(2, 8, size, size, generator=generator) for size in (16, 8)] for _ in range(3)]
    assert feature_errors(taught, taught).max() == 0
    means = [[branch.mean((0, 2, 3), keepdim=True).expand_as(branch) for branch in each] for each in taught]
    errors = feature_errors(means, taught)
    assert tuple(errors.shape) == (3,)
    assert ((errors > 0.95) & (errors <= 1)).all()
    scaled, scaled_means = ([[100 * branch for branch in each] for each in features] for features in (taught, means))
    torch.testing.assert_close(feature_errors(scaled_means, scaled), errors, rtol=1e-3, atol=0)


def test_a_teacher_with_other_channels_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"30, 60, 120, 240.*40, 80, 160, 320"):
        common_cuts(network("lite-hrnet-18"), network("naive-lite-hrnet-18"))


def test_a_branch_that_is_dead_in_the_teacher_gives_no_infinite_error() -> None:
    dead = [[torch.zeros(1, 2, 4, 4)]]
    assert feature_errors(dead, dead).item() == 0
    assert feature_errors([[torch.full((1, 2, 4, 4), 1e-3)]], dead).isfinite().all()


def test_the_errors_gradient_is_that_of_the_formula_and_keeps_the_layout() -> None:
    generator = torch.Generator().manual_seed(0)
    theirs = torch.randn(2, 6, 5, 4, generator=generator).double()
    mine = torch.randn(2, 6, 5, 4, generator=generator).double().to(memory_format=torch.channels_last).requires_grad_()
    square = (mine.float() - theirs.float()).square().mean((0, 2, 3))
    variance = theirs.float().var((0, 2, 3), correction=0)
    (expected,) = torch.autograd.grad((square / (variance + 0.02 * variance.mean())).mean(), mine)
    feature_errors([[mine]], [[theirs.float()]]).sum().backward()
    assert mine.grad is not None
    torch.testing.assert_close(mine.grad, expected, rtol=1e-4, atol=1e-9)
    assert mine.grad.is_contiguous(memory_format=torch.channels_last)


def test_adapters_carry_a_deeper_networks_features_over(images: torch.Tensor) -> None:
    student, teacher = network("lite-hrnet-30", 1), network("wider-naive-lite-hrnet-18")
    adapters = Adapters(student, teacher)
    cuts = common_cuts(student, teacher)
    with torch.no_grad():
        ours, taught = (run_segments(cut(each, cuts), images)[:-1] for each in (student, teacher))
        carried, standard = adapters(ours, taught)
    assert [[x.shape for x in each] for each in carried] == [[x.shape for x in each] for each in taught]
    for raw, compared in ((ours, carried), (taught, standard)):
        for before, after in zip(chain(*raw), chain(*compared), strict=True):
            lively = before.std((0, 2, 3)) > 0.1
            scale = after.std((0, 2, 3), correction=0)
            torch.testing.assert_close(scale[lively], torch.ones_like(scale[lively]), atol=0.01, rtol=0)
            assert (scale < 1.01).all()  # what is nearly dead is not blown up


def test_only_networks_of_other_depths_are_compared_through_adapters() -> None:
    phase = Phase(images=8, input_size="64x64", batch_size=8, learning_rate=1e-3, teacher=Teacher(
        network="wider-naive-lite-hrnet-18", weights=Path("teacher.bin"), features=1.0
    ))  # fmt: skip
    teacher = network("wider-naive-lite-hrnet-18")
    assert Objective(network("lite-hrnet-18"), phase, teacher).adapters is None
    objective = Objective(network("lite-hrnet-30"), phase, teacher)
    assert objective.adapters is not None
    crops = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    losses = objective(crops, torch.zeros(2, 17, 16, 16), torch.ones(2, 17))
    losses["loss"].backward()
    assert all(parameter.grad is not None for parameter in objective.parameters())


def test_adapters_start_from_what_the_networks_answer() -> None:
    phase = Phase(images=8, input_size="64x64", batch_size=8, learning_rate=1e-3, teacher=Teacher(
        network="wider-naive-lite-hrnet-18", weights=Path("teacher.bin"), features=1.0
    ))  # fmt: skip
    student = network("lite-hrnet-30", 1)
    objective = Objective(student, phase, network("wider-naive-lite-hrnet-18"))
    crops = torch.randint(0, 256, (12, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(12, 17, 16, 16), torch.ones(12, 17)
    with torch.no_grad():
        before = objective(crops, *labels)
        weights = {name: tensor.clone() for name, tensor in student.state_dict().items()}
        objective.fit_adapters(crops)
        after = objective(crops, *labels)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in student.state_dict().items())
    segments = [name for name in before if name.startswith("features_")]
    assert len(segments) == 9
    assert all(after[name] < 0.7 * before[name] for name in segments)
    torch.testing.assert_close(after["teacher"], before["teacher"])

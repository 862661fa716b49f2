"""What is on the machine and would serve better is recommended, and nothing else."""

import pytest

from app.recommendation import better_here
from model.zoo import PoseWeightSet, WeightFile

_FACTS = {
    "network": "lite-hrnet-18",
    "keypoints": 17,
    "input_size": "256x192",
    "decoding": "dark",
    "parameters": 1,
    "macs": 1,
    "origin": "a test",
    "licence": "Apache-2.0",
    "files": (WeightFile(name="a"),),
}


def weight_set(name: str, ap: float | None, ms: float | None, keypoints: int = 17) -> PoseWeightSet:
    facts = _FACTS | {"name": name, "measured_ap": ap, "measured_ms": ms, "keypoints": keypoints}
    return PoseWeightSet.model_validate(facts)


CHOSEN = weight_set("chosen", 0.5, 10.0)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[PoseWeightSet]:
    """Weight sets of the catalogue; those whose name says so have not been fetched."""
    sets = [CHOSEN]

    class Catalogue:
        pose = sets

    monkeypatch.setattr("app.recommendation.load_catalogue", Catalogue)
    monkeypatch.setattr("app.recommendation.is_available", lambda chosen: "elsewhere" not in chosen.name)
    return sets


@pytest.mark.parametrize(
    ("other", "recommended"),
    [
        (weight_set("better and faster", 0.6, 8.0), True),
        (weight_set("better, as fast but for chance", 0.6, 10.9), True),
        (weight_set("better and slower", 0.6, 11.1), False),
        (weight_set("faster and no better", 0.5, 1.0), False),
        (weight_set("better, elsewhere", 0.6, 8.0), False),
        (weight_set("better at other joints", 0.6, 8.0, keypoints=16), False),
        (weight_set("not measured", None, 8.0), False),
        (weight_set("of unknown speed", 0.6, None), False),
    ],
)
def test_only_what_is_here_as_fast_and_more_accurate(here, other: PoseWeightSet, recommended: bool) -> None:
    here.append(other)
    assert (better_here(CHOSEN) is other) is recommended


def test_the_best_of_several(here) -> None:
    here += [weight_set("good", 0.6, 9.0), weight_set("best", 0.7, 10.0), weight_set("fair", 0.55, 5.0)]
    assert better_here(CHOSEN) is here[2]


def test_what_was_not_measured_is_compared_with_nothing(here) -> None:
    here.append(weight_set("better", 0.9, 1.0))
    assert better_here(weight_set("own", None, None)) is None

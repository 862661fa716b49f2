"""What stands in while a graph is prepared."""

from pathlib import Path

import pytest

from app.live.building import meanwhile, missing_weights
from app.settings import Settings
from model.engines import graph
from model.zoo import resolve

SETTINGS = Settings(pose={"model": "lite-hrnet-18-256x192", "device": "cpu"}, detection={"detector": "person-416"})


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.live.building.may_have_gpu", lambda: False)


def test_pytorch_stands_in_until_the_graph_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    monkeypatch.setattr("model.engines.graph.shipped_graph", lambda model: None)
    stand_in = meanwhile(SETTINGS)
    assert stand_in is not None
    assert stand_in.pose.engine == "torch"
    assert stand_in.pose.model == SETTINGS.pose.model
    path = graph._path_of(resolve(SETTINGS.pose.model))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a graph")
    assert meanwhile(SETTINGS) is None


def test_a_graph_that_comes_along_needs_no_stand_in() -> None:
    assert meanwhile(SETTINGS) is None


@pytest.mark.parametrize("changes", [{"engine": "onnxruntime"}, {"device": "cuda"}, {"model": "no-such-model"}])
def test_what_was_chosen_or_does_not_exist_is_left_alone(
    changes: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    monkeypatch.setattr("model.engines.graph.shipped_graph", lambda model: None)
    assert meanwhile(SETTINGS.model_copy(update={"pose": SETTINGS.pose.model_copy(update=changes)})) is None


def test_what_comes_along_stands_in_for_what_has_to_be_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    stand_in = meanwhile(Settings())
    assert stand_in is not None
    assert (stand_in.pose.model, stand_in.detection.detector) == ("lite-hrnet-18-256x192", "person-416")
    assert missing_weights(stand_in) == ()
    chosen = Settings(pose={"model": "lite-hrnet-18-128x96", "device": "cpu"})
    stand_in = meanwhile(chosen)
    assert stand_in is not None
    assert stand_in == chosen.model_copy(update={"detection": stand_in.detection}), "what is here stays"
    assert stand_in.detection.detector == "person-416"

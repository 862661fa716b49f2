"""`process` where weights cannot be fetched."""

from pathlib import Path

import pytest

from app.commands import process
from app.settings import Settings
from model.errors import WeightsError
from model.zoo import WeightSet, is_available


class TestWeightsThatCannotBeFetched:
    @pytest.fixture(autouse=True)
    def _no_network(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path / "cache"))
        monkeypatch.delenv("LITE_HRNET_LIVE_MIRROR", raising=False)

        def refuse(weight_set: WeightSet, progress: object) -> None:
            if not is_available(weight_set):
                raise WeightsError(f"cannot fetch {weight_set.name}: no network")

        monkeypatch.setattr("model.zoo.ensure", refuse)

    def test_what_comes_along_takes_the_place_of_defaults(self, capsys: pytest.CaptureFixture[str]) -> None:
        settings = process._with_weights(Settings())
        assert (settings.pose.model, settings.detection.detector) == ("lite-hrnet-18-256x192", "person-416")
        told = capsys.readouterr().err.splitlines()
        assert [line.partition(":")[2].split(",")[0].strip() for line in told] == [
            "cannot fetch tinypose-256x192: no network", "lite-hrnet-18-256x192",
            "cannot fetch picodet-320: no network", "person-416",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "named",
        [
            {"pose": {"model": "tinypose-256x192"}, "detection": {"detector": "person-416"}},
            {"pose": {"model": "built-in"}, "detection": {"detector": "picodet-320"}},
        ],
    )
    def test_what_was_named_is_not_replaced(self, named: dict[str, dict[str, str]]) -> None:
        with pytest.raises(WeightsError, match="no network"):
            process._with_weights(Settings(**named))

    def test_the_sets_of_a_network_that_are_here_are_named(self) -> None:
        ready = "of the same network these are here: lite-hrnet-18-256x192, lite-hrnet-18-128x96$"
        with pytest.raises(WeightsError, match=f"cannot fetch litehrnet18-coco-256x192-mmpose: no network; {ready}"):
            process._with_weights(Settings(pose={"model": "lite-hrnet-18"}))

    def test_what_is_here_is_used_in_silence(self, capsys: pytest.CaptureFixture[str]) -> None:
        named = Settings(pose={"model": "built-in"}, detection={"detector": "built-in"})
        assert process._with_weights(named) == named
        assert capsys.readouterr().err == ""

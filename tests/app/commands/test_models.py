"""`models`, for programs and for people."""

import json
from pathlib import Path

import pytest

from app.commands import main
from model.block_complexity import NetworkCost
from model.zoo import load_catalogue
from model.zoo.catalogue import WEIGHTS_FOLDER

KEYS = [
    "name", "network", "keypoints", "input_size", "decoding", "parameters", "macs", "published_ap", "published_pckh",
    "measured_ap", "available",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))


def test_json_alone_is_printed_with_a_row_for_every_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    captured = capsys.readouterr()
    rows = json.loads(captured.out)
    assert captured.err == ""
    assert all(list(row) == KEYS for row in rows)
    assert {row["network"] for row in rows if row["keypoints"] == 17} == set(load_catalogue().networks)
    by_name = {row["name"]: row for row in rows}
    assert by_name["litehrnet18-coco-384x288-mmpose"] == {
        "name": "litehrnet18-coco-384x288-mmpose",
        "network": "lite-hrnet-18",
        "keypoints": 17,
        "input_size": "384x288",
        "decoding": "quarter",
        "parameters": 1130769,
        "macs": 446778048,
        "published_ap": 0.676,
        "published_pckh": None,
        "measured_ap": None,
        "available": False,
    }


def test_people_are_told_names_figures_and_what_they_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    shown = capsys.readouterr().out
    for pose in load_catalogue().pose:
        row = next(line for line in shown.splitlines() if line.startswith(f"  {pose.name} "))
        comes_along = all((WEIGHTS_FOLDER / file.name).is_file() for file in pose.files)
        assert ("ready" if comes_along else "to fetch") in row
        assert str(pose.input_size) in row
    assert "naive-lite-hrnet-18: 17 joints, 0.76 M parameters" in shown
    assert "default, balanced, accurate" in shown
    for term in ("Weights", "MACs", "Published", "Measured"):
        assert f"\n{term} " in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_what_is_here_and_better_than_the_default_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["models"]) == 0
    assert "more accurate" not in capsys.readouterr().out
    better = next(pose for pose in load_catalogue().pose if pose.name == "tinypose-128x96")
    monkeypatch.setattr("app.recommendation.better_here", lambda model: better)
    assert main(["models"]) == 0
    shown = capsys.readouterr().out
    assert "tinypose-128x96 is on this machine, as fast as tinypose-256x192 and more accurate:" in shown
    assert "use it with --model tinypose-128x96" in shown


def test_blocks_are_compared_as_in_the_paper(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = [NetworkCost("lite-hrnet-18", True, False, 1021969, 198521088)]  # counting whole networks takes seconds
    monkeypatch.setattr("model.block_complexity.ablation_costs", lambda: networks)
    assert main(["models", "--blocks", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert len(content["parts"]) == 7
    assert content["papers_table"][0] == {
        "part": "1x1 convolutions", "formula": "sum N C^2", "paper": 13107200, "here": 6553600
    }  # fmt: skip
    assert content["networks"] == [
        {
            "network": "lite-hrnet-18",
            "cross_resolution_weights": True,
            "spatial_weights": False,
            "parameters": 1021969,
            "macs": 198521088,
        }
    ]
    assert content["saved"]["replaced"] > content["saved"]["block"] > 0.7
    assert main(["models", "--blocks"]) == 0
    shown = capsys.readouterr().out
    assert "features of 64x64x40 and 32x32x80" in shown
    assert "The paper states that 80%" in shown
    (row,) = (line for line in shown.splitlines() if "sum 9 N C" in line)
    assert row.split()[-2:] == ["2.11", "1.05"]
    assert next(line for line in shown.splitlines() if "lite-hrnet-18" in line).split()[1:3] == ["yes", "no"]
    assert max(map(len, shown.splitlines())) <= 80

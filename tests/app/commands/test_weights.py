"""`weights list | fetch | verify | import`, with the published files beside the project as the mirror."""

from pathlib import Path

import pytest

from app.commands import main
from model.zoo.catalogue import WEIGHTS_FOLDER

pytestmark = pytest.mark.shared_data


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, shared_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache 캐시"
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(folder))
    monkeypatch.setenv("LITE_HRNET_LIVE_MIRROR", str(shared_dir / "weights"))
    return folder


def row(shown: str, name: str) -> str:
    return next(line for line in shown.splitlines() if line.startswith(f"{name} "))


def test_fetch_brings_sets_and_list_tells_where_they_are(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "fetch", "default", "picodet-320"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        f"tinypose-256x192 is in {cache / 'weights' / 'tinypose-256x192'}",
        f"picodet-320 is in {cache / 'weights' / 'picodet-320'}",
    ]
    assert "tinypose_256x192.bin" in captured.err
    assert main(["weights", "list"]) == 0
    shown = capsys.readouterr().out
    assert row(shown, "tinypose-256x192").split()[1:] == ["joints", "2.7", "MB", "in", "the", "cache", "Apache-2.0"]
    assert row(shown, "picodet-192").split()[1:] == ["people", "3.0", "MB", "no", "Apache-2.0"]
    assert f"Cache folder: {cache}" in shown


def test_list_says_what_a_licence_leaves_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "list"]) == 0
    shown = capsys.readouterr().out
    assert row(shown, "person-320").split()[-2:] == ["Apache-2.0", "*"]
    assert row(shown, "tinypose-128x96").split()[-1] == "Apache-2.0"
    footnote = shown.partition("* Some of the photographs behind these weights have no stated terms:")[2]
    assert footnote.count("weights/person.md tells what it was trained on") == 1


def test_fetch_of_what_is_here_shows_no_bars(capsys: pytest.CaptureFixture[str]) -> None:
    main(["weights", "fetch", "fast"])
    capsys.readouterr()
    assert main(["weights", "fetch", "fast"]) == 0
    assert capsys.readouterr().err == ""


def test_nothing_is_fetched_where_one_name_is_wrong(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "fetch", "fast", "nonsense"]) == 2
    assert capsys.readouterr().err.startswith("error: no weight set is named 'nonsense'; ")
    assert not cache.exists()


def test_verify_finds_a_damaged_file(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["weights", "fetch", "fast", "picodet-192"])
    assert main(["weights", "verify"]) == 0
    capsys.readouterr()
    path = cache / "weights" / "tinypose-128x96" / "tinypose_128x96.bin"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    assert main(["weights", "verify"]) == 2
    captured = capsys.readouterr()
    assert f"damaged  tinypose-128x96: {path} is damaged: its sha256 is" in captured.out
    assert "ok       picodet-192" in captured.out
    here = len(captured.out.splitlines())
    assert captured.err == f"error: 1 of {here} weight sets are damaged: tinypose-128x96; fetch or import them again\n"


def test_verify_finds_a_file_that_is_cut_short_and_a_description_that_cannot_be_read(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["weights", "fetch", "fast"])
    path = cache / "weights" / "tinypose-128x96" / "tinypose_128x96.bin"
    path.write_bytes(path.read_bytes()[:1000])
    newer = cache / "weights" / "newer" / "weight-set.yaml"
    newer.parent.mkdir()
    newer.write_text("something: new\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["weights", "verify"]) == 2
    captured = capsys.readouterr()
    assert (
        "damaged  tinypose-128x96: the weights tinypose-128x96 are not whole on this machine; fetch it: "
        in captured.out
    )
    assert f"damaged  newer: {newer} is malformed: " in captured.out
    assert "tinypose-128x96, newer; fetch or import them again" in captured.err


def test_a_description_that_cannot_be_read_leaves_the_other_weights_in_the_lists(
    cache: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    newer = cache / "weights" / "newer" / "weight-set.yaml"
    newer.parent.mkdir(parents=True)
    newer.write_text("something: new\n", encoding="utf-8")
    for command in (["weights", "list"], ["models"], ["models", "--json"]):
        caplog.clear()
        assert main(command) == 0
        assert "lite-hrnet-18-256x192" in capsys.readouterr().out
        assert f"{newer} is malformed" in caplog.text


def test_verify_checks_what_the_project_brings(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not cache.exists()
    assert main(["weights", "verify"]) == 0
    assert f"ok       lite-hrnet-18-256x192 in {WEIGHTS_FOLDER}\n" in capsys.readouterr().out


def test_list_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "list"]) == 0
    table, _, _ = capsys.readouterr().out.partition("\n\n")
    assert "…" not in table
    assert max(len(line.rstrip()) for line in table.splitlines()) <= 80


def test_import_makes_a_name_that_models_lists(shared_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared_dir / "weights" / "pp-tinypose-ncnn" / "tinypose_128x96.param"
    options = ["--network", "wider-naive-lite-hrnet-18", "--keypoints", "17", "--input-size", "128x96"]
    assert main(["weights", "import", str(file), "--as", "mine", *options, "--decoding", "quarter"]) == 0
    assert capsys.readouterr().out == (
        "mine: wider-naive-lite-hrnet-18, 17 keypoints, 128x96, quarter decoding; use it with --model mine\n"
    )
    main(["models"])
    assert "  mine " in capsys.readouterr().out
    main(["weights", "list"])
    assert "in the cache" in row(capsys.readouterr().out, "mine")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--input-size", "256"], "Invalid value for '--input-size': '256' is not a size; write HEIGHTxWIDTH"),
        (["--input-size", "250x192"], "Invalid value for '--input-size': 250x192 does not fit"),
        (["--decoding", "udp"], "Invalid value for '--decoding'"),
    ],
)
def test_import_refuses_options_out_of_range(
    options: list[str], error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "import", str(tmp_path / "best.pth"), "--as", "mine", *options]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"error: {error}")
    assert shown.count("\n") == 1

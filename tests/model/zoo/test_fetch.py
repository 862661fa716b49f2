"""Fetching whole weight sets: mirror, hashes, pairs, two processes at once, folders that cannot be written."""

import multiprocessing
import os
from pathlib import Path

import pytest

from model.errors import WeightsError
from model.zoo import DetectorWeightSet, ensure, is_available, weight_files
from model.zoo.store import set_folder
from tests.model.zoo.web_server import WebServer, published, sha256, with_hash

PARAM, BIN = b"the graph " * 100, b"the weights " * 10_000
TFLITE = b"\x1c\0\0\0TFL3" + BIN


@pytest.fixture
def pair(web: WebServer) -> DetectorWeightSet:
    return published(web, {"net.param": PARAM, "net.bin": BIN})


def fetch(weight_set: DetectorWeightSet) -> list[Path]:
    return ensure(weight_set, lambda name, done, total: None)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_pair_arrives_under_its_names(web: WebServer, pair: DetectorWeightSet, cache: Path) -> None:
    assert not is_available(pair)
    paths = fetch(pair)
    assert [path.read_bytes() for path in paths] == [PARAM, BIN]
    assert names_in(cache / "weights" / "a-set") == {"net.param", "net.bin"}
    assert is_available(pair)
    assert weight_files(pair) == paths


def test_what_is_here_is_not_fetched_again(web: WebServer, pair: DetectorWeightSet) -> None:
    fetch(pair)
    web.requests.clear()
    fetch(pair)
    assert web.requests == []


def test_a_broken_fetch_goes_on_where_it_ended(web: WebServer, pair: DetectorWeightSet) -> None:
    web.break_after = [len(PARAM), 65_536, 0]
    with pytest.raises(WeightsError, match="broke after 65,536 bytes"):
        fetch(pair)
    assert not is_available(pair)
    assert names_in(set_folder("a-set")) == {"net.param.partial", "net.bin.partial"}
    web.requests.clear()
    assert [path.read_bytes() for path in fetch(pair)] == [PARAM, BIN]
    assert web.requests == [("/net.bin", "bytes=65536-")]


def test_a_wrong_hash_is_refused_and_no_file_of_the_pair_takes_its_name(
    web: WebServer, pair: DetectorWeightSet
) -> None:
    web.contents["net.bin"] = swapped = BIN.replace(b"weights", b"WEIGHTS")
    with pytest.raises(WeightsError) as raised:
        fetch(pair)
    assert sha256(swapped) in str(raised.value)
    assert sha256(BIN) in str(raised.value)
    assert names_in(set_folder("a-set")) == {"net.param.partial"}
    web.contents["net.bin"] = BIN
    assert [path.read_bytes() for path in fetch(pair)] == [PARAM, BIN]


def test_a_damaged_file_is_named_and_a_fetch_replaces_it(pair: DetectorWeightSet) -> None:
    damaged = fetch(pair)[1]
    damaged.write_bytes(BIN[:-1] + b"?")
    with pytest.raises(WeightsError, match=r"net\.bin is damaged: .*; fetch it: python main\.py weights fetch a-set"):
        weight_files(pair)
    assert fetch(pair)[1].read_bytes() == BIN


def test_without_network_the_import_command_is_named(pair: DetectorWeightSet, web: WebServer) -> None:
    unreachable = pair.files[0].model_copy(update={"url": "http://127.0.0.1:9/net.param"})
    lonely = pair.model_copy(update={"files": (unreachable, pair.files[1])})
    with pytest.raises(WeightsError) as raised:
        fetch(lonely)
    message = str(raised.value)
    assert "no network" in message
    assert "download http://127.0.0.1:9/net.param elsewhere" in message
    assert message.endswith("python main.py weights import FILE --as a-set")
    assert "\n" not in message


def test_a_file_without_an_address_can_only_be_imported(pair: DetectorWeightSet) -> None:
    unpublished = pair.files[0].model_copy(update={"url": None})
    with pytest.raises(WeightsError, match=r"no address is known for net\.param.*weights import FILE --as a-set"):
        fetch(pair.model_copy(update={"files": (unpublished,)}))


class TestMirror:
    @pytest.fixture
    def mirror(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "mirror" / "deep 폴더"
        folder.mkdir(parents=True)
        monkeypatch.setenv("LITE_HRNET_LIVE_MIRROR", str(folder.parent))
        return folder

    def test_a_file_with_the_right_hash_counts_whatever_its_name(
        self, web: WebServer, pair: DetectorWeightSet, mirror: Path
    ) -> None:
        (mirror / "renamed.dat").write_bytes(BIN)
        (mirror / "net.param").write_bytes(PARAM)
        assert [path.read_bytes() for path in fetch(pair)] == [PARAM, BIN]
        assert web.requests == []

    def test_a_file_with_the_right_name_but_other_content_does_not(
        self, web: WebServer, pair: DetectorWeightSet, mirror: Path
    ) -> None:
        (mirror / "net.bin").write_bytes(PARAM)
        assert fetch(pair)[1].read_bytes() == BIN
        assert ("/net.bin", None) in web.requests

    def test_the_first_digits_of_a_hash_need_the_name_too(self, web: WebServer, mirror: Path) -> None:
        weight_set = with_hash(published(web, {"net.pth": BIN}), sha256(BIN)[:8])
        (mirror / "renamed.pth").write_bytes(BIN)
        fetch(weight_set)
        assert len(web.requests) == 1
        set_folder("a-set").joinpath("net.pth").unlink()
        (mirror / "net.pth").write_bytes(BIN)
        fetch(weight_set)
        assert len(web.requests) == 1

    def test_a_file_of_unknown_hash_is_not_taken_from_it(self, web: WebServer, mirror: Path) -> None:
        weight_set = with_hash(published(web, {"net.tflite": TFLITE}), None)
        (mirror / "net.tflite").write_bytes(PARAM)
        assert fetch(weight_set)[0].read_bytes() == TFLITE

    def test_a_mirror_that_is_no_folder_is_named(
        self, pair: DetectorWeightSet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("LITE_HRNET_LIVE_MIRROR", str(tmp_path / "gone"))
        with pytest.raises(WeightsError, match=r"LITE_HRNET_LIVE_MIRROR names .*gone, which is no folder"):
            fetch(pair)


class TestHashOfTheFirstFetch:
    @pytest.mark.parametrize("digits", [0, 8])
    def test_it_is_held_to(self, web: WebServer, digits: int) -> None:
        weight_set = with_hash(published(web, {"net.tflite": TFLITE}), sha256(TFLITE)[:digits] or None)
        path = fetch(weight_set)[0]
        path.write_bytes(PARAM)
        with pytest.raises(WeightsError, match=f"expected {sha256(TFLITE)}"):
            weight_files(weight_set)
        web.contents["net.tflite"] = PARAM
        with pytest.raises(WeightsError, match=f"expected {sha256(TFLITE)}"):
            fetch(weight_set)

    def test_the_page_of_a_portal_is_not_taken_for_it(self, web: WebServer) -> None:
        weight_set = with_hash(published(web, {"net.tflite": b"<html>Welcome to our hotel</html>"}), None)
        with pytest.raises(WeightsError, match="it is no TensorFlow Lite model; it was removed, fetch it again"):
            fetch(weight_set)
        web.contents["net.tflite"] = TFLITE
        assert fetch(weight_set)[0].read_bytes() == TFLITE

    def test_first_digits_that_do_not_fit_are_refused(self, web: WebServer) -> None:
        weight_set = with_hash(published(web, {"net.pth": BIN}), "0" * 8)
        with pytest.raises(WeightsError, match=f"sha256 is {sha256(BIN)[:8]}, expected 00000000"):
            fetch(weight_set)


def test_a_cache_folder_that_cannot_be_made_is_named(
    pair: DetectorWeightSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("not a folder")
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(in_the_way))
    with pytest.raises(WeightsError, match=r"cannot write .*a file.*or name another folder in LITE_HRNET_LIVE_CACHE"):
        fetch(pair)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_cache_folder_without_write_permission_is_named(pair: DetectorWeightSet, cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o500)
    with pytest.raises(WeightsError, match=r"cannot write .*Permission denied"):
        fetch(pair)


def test_two_processes_at_once_fetch_once(web: WebServer, pair: DetectorWeightSet) -> None:
    web.may_answer.clear()
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        fetches = [pool.apply_async(fetch, (pair,)) for _ in range(2)]
        while not web.requests:
            fetches[0].wait(0.01)
        fetches[0].wait(0.3)  # time for the second to come to the lock
        web.may_answer.set()
        answers = [running.get(60) for running in fetches]
    assert answers[0] == answers[1] == weight_files(pair)
    assert sorted(path for path, _ in web.requests) == ["/net.bin", "/net.param"]

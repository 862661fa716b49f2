"""Downloads that are whole, resumed, broken, refused and silent."""

from pathlib import Path

import pytest
import requests
from urllib3.exceptions import LocationParseError

from model.errors import WeightsError
from model.zoo import download as download_module
from model.zoo.download import download
from tests.model.zoo.web_server import WebServer

CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return tmp_path / "net.bin.partial"


def fetch(web: WebServer, partial: Path) -> list[tuple[str, int, int | None]]:
    """Download net.bin; the calls of `progress`."""
    web.contents.setdefault("net.bin", CONTENT)
    calls: list[tuple[str, int, int | None]] = []
    download(web.url("net.bin"), partial, "net.bin", lambda *call: calls.append(call))
    return calls


def test_a_whole_download(web: WebServer, partial: Path) -> None:
    calls = fetch(web, partial)
    assert partial.read_bytes() == CONTENT
    assert calls[0] == ("net.bin", 0, len(CONTENT))
    assert calls[-1] == ("net.bin", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in calls] == sorted(done for _, done, _ in calls)


def test_what_is_there_is_not_sent_again(web: WebServer, partial: Path) -> None:
    partial.write_bytes(CONTENT[:1000])
    calls = fetch(web, partial)
    assert partial.read_bytes() == CONTENT
    assert web.requests == [("/net.bin", "bytes=1000-")]
    assert calls[0] == ("net.bin", 1000, len(CONTENT))


def test_a_server_without_ranges_sends_all_again(web: WebServer, partial: Path) -> None:
    web.ranges = False
    partial.write_bytes(b"something else that is not the beginning")
    fetch(web, partial)
    assert partial.read_bytes() == CONTENT


def test_a_partial_longer_than_the_file_is_started_over(web: WebServer, partial: Path) -> None:
    partial.write_bytes(CONTENT + b"more")
    fetch(web, partial)
    assert partial.read_bytes() == CONTENT
    assert [asked for _, asked in web.requests] == [f"bytes={len(CONTENT) + 4}-", None]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_midway_is_opened_again(web: WebServer, partial: Path, ranges: bool) -> None:
    web.ranges = ranges
    web.break_after = [100_000, 200_000]
    fetch(web, partial)
    assert partial.read_bytes() == CONTENT
    assert len(web.requests) == 3


def test_a_connection_that_always_breaks_leaves_what_arrived(web: WebServer, partial: Path) -> None:
    web.break_after = [131_072, *[0] * 10]
    with pytest.raises(
        WeightsError, match=r"cannot fetch net\.bin: the connection to 127\.0\.0\.1:\d+ broke after 131,072"
    ):
        fetch(web, partial)
    assert partial.read_bytes() == CONTENT[:131_072]
    assert len(web.requests) == 2


def test_a_missing_page_is_named_and_keeps_what_arrived(web: WebServer, partial: Path) -> None:
    partial.write_bytes(CONTENT[:10])
    with pytest.raises(WeightsError, match=r"http://127\.0\.0\.1:\d+/other\.bin answered 404 Not Found"):
        download(web.url("other.bin"), partial, "other.bin", lambda *call: None)
    assert partial.read_bytes() == CONTENT[:10]


def test_a_machine_without_network_is_told_so(web: WebServer, partial: Path) -> None:
    nobody_listens = "http://127.0.0.1:9/net.bin"
    with pytest.raises(WeightsError, match=r"cannot fetch net\.bin: no network, or 127\.0\.0\.1:9 is out of reach"):
        download(nobody_listens, partial, "net.bin", lambda *call: None)
    assert not partial.exists()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"),
            r"certificate of 127\.0\.0\.1:\d+ is not trusted; .*REQUESTS_CA_BUNDLE",
        ),
        (
            requests.exceptions.SSLError("[SSL: WRONG_VERSION_NUMBER]"),
            r"no network, or 127\.0\.0\.1:\d+ is out of reach",
        ),
        (
            requests.exceptions.SSLError("[X509: NO_CERTIFICATE_OR_CRL_FOUND]"),
            r"bundle of certificates holds none; correct or unset REQUESTS_CA_BUNDLE",
        ),
        (LocationParseError("http://.host:80"), r"the proxy on the way to .* fails; .*HTTPS_PROXY"),
        (OSError("Could not find a suitable TLS CA certificate bundle"), r"TLS CA .*; correct .*REQUESTS_CA_BUNDLE"),
        (requests.exceptions.ProxyError("refused"), r"the proxy on the way to 127\.0\.0\.1:\d+ fails; .*HTTPS_PROXY"),
    ],
)
def test_what_stands_in_between_is_told_from_no_network(
    web: WebServer, partial: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(requests, "get", fail)
    with pytest.raises(WeightsError, match=told):
        fetch(web, partial)


def test_a_silent_server_is_not_waited_for_without_end(
    web: WebServer, partial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "READ_TIMEOUT_S", 0.1)
    web.may_answer.clear()
    with pytest.raises(WeightsError, match=r"cannot fetch net\.bin: 127\.0\.0\.1:\d+ does not answer"):
        fetch(web, partial)

"""Downloads tell how far they are, and stop when told to."""

import threading

import pytest

from app.live.download import Download
from app.live.news import DownloadEnded, DownloadProgress
from model.errors import WeightsError
from model.zoo import resolve, resolve_detector
from tests.app.live.fakes import NewsList

_SETS = (resolve("tinypose-256x192"), resolve_detector("picodet-320"))


def _fetch(weight_set, progress) -> None:
    for file in weight_set.files:
        for done in (0, file.size // 2, file.size):
            progress(file.name, done, file.size)


def test_progress_is_of_all_files_together(monkeypatch: pytest.MonkeyPatch) -> None:
    news = NewsList()
    monkeypatch.setattr("app.live.download.ensure", _fetch)
    download = Download(_SETS, news)
    download.start()
    download.join(5)
    progress = news.of(DownloadProgress)
    whole = sum(file.size for weight_set in _SETS for file in weight_set.files)
    assert progress[-1].done == progress[-1].total == whole
    assert [p.done for p in progress] == sorted(p.done for p in progress)
    assert news.all[-1] == DownloadEnded(complete=True)


def test_cancelling_ends_it_at_the_next_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    news = NewsList()
    begun, cancelled = threading.Event(), threading.Event()

    def fetch(weight_set, progress) -> None:
        progress("file", 1, 10)
        begun.set()
        cancelled.wait(5)
        progress("file", 2, 10)

    monkeypatch.setattr("app.live.download.ensure", fetch)
    download = Download(_SETS, news)
    download.start()
    assert begun.wait(5)
    download.cancel()
    cancelled.set()
    download.join(5)
    assert news.all[-1] == DownloadEnded(complete=False)
    assert len(news.of(DownloadProgress)) == 1


def test_a_failure_is_told_in_the_words_of_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    news = NewsList()

    def fetch(weight_set, progress) -> None:
        raise WeightsError("cannot fetch x: no network; try again")

    monkeypatch.setattr("app.live.download.ensure", fetch)
    download = Download(_SETS, news)
    download.start()
    download.join(5)
    ended = news.all[-1]
    assert not ended.complete
    assert ended.failure.sentence == "cannot fetch x: no network; try again"

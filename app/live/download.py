"""Fetching weights beside everything else."""

import threading
from typing import Self

from app.live.news import DownloadEnded, DownloadProgress, Failure, Tell
from model.zoo import WeightSet, ensure


class _CancelledError(Exception):
    """The user wants no more of it; what has arrived is kept and continued next time."""


class Download(threading.Thread):
    """Fetches weight sets one after the other.

    Args:
        weight_sets: What to fetch.
        tell: Takes the news.
        former: A download that gives way to this one, which begins when it has ended: both may want the same file.
    """

    def __init__(self, weight_sets: tuple[WeightSet, ...], tell: Tell, former: Self | None = None) -> None:
        super().__init__(name="download", daemon=True)
        self.weight_sets = weight_sets
        self._tell = tell
        self._former = former
        self._cancelled = threading.Event()
        self.gives_way = False
        self._done: dict[str, int] = {}

    def cancel(self) -> None:
        """Break off at the next piece that arrives; does not wait."""
        self._cancelled.set()

    def give_way(self) -> None:
        """Break off as `cancel` does, and tell nothing of it: other weights are wanted now."""
        self.gives_way = True
        self.cancel()

    def run(self) -> None:
        if self._former is not None:
            self._former.join()
        end = self._fetch_all()
        if not self.gives_way:
            self._tell(end)

    def _fetch_all(self) -> DownloadEnded:
        try:
            for weight_set in self.weight_sets:
                ensure(weight_set, self._progress)
        except _CancelledError:
            return DownloadEnded(complete=False)
        except Exception as error:
            return DownloadEnded(complete=False, failure=None if self._cancelled.is_set() else Failure.of(error))
        return DownloadEnded(complete=True)

    def _progress(self, name: str, done: int, total: int | None) -> None:
        if self._cancelled.is_set():
            raise _CancelledError
        self._done[name] = done
        sizes = {file.name: file.size for weight_set in self.weight_sets for file in weight_set.files}
        sizes[name] = total if total is not None else sizes.get(name)
        known = [size for size in sizes.values() if size is not None]
        whole = sum(known) if len(known) == len(sizes) else None
        self._tell(DownloadProgress(name, sum(self._done.values()), whole))

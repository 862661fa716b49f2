"""Fetching weights beside everything else."""

import threading
from collections.abc import Callable

from app.live.news import DownloadEnded, DownloadProgress, Failure, Tell
from model.zoo import WeightSet, ensure


class _CancelledError(Exception):
    """The user wants no more of it; what has arrived is kept and continued next time."""


class Download(threading.Thread):
    """Fetches weight sets one after the other.

    Args:
        weight_sets: What to fetch.
        tell: Takes the news.
        fetch: Brings one weight set; told of every piece through its second argument.
    """

    def __init__(
        self,
        weight_sets: tuple[WeightSet, ...],
        tell: Tell,
        fetch: Callable[[WeightSet, Callable[[str, int, int | None], None]], object] = ensure,
    ) -> None:
        super().__init__(name="download", daemon=True)
        self._weight_sets = weight_sets
        self._tell = tell
        self._fetch = fetch
        self._cancelled = threading.Event()
        self._done: dict[str, int] = {}

    def cancel(self) -> None:
        """Break off at the next piece that arrives; does not wait."""
        self._cancelled.set()

    def run(self) -> None:
        try:
            for weight_set in self._weight_sets:
                self._fetch(weight_set, self._progress)
        except _CancelledError:
            self._tell(DownloadEnded(complete=False))
        except Exception as error:
            self._tell(DownloadEnded(complete=False, failure=None if self._cancelled.is_set() else Failure.of(error)))
        else:
            self._tell(DownloadEnded(complete=True))

    def _progress(self, name: str, done: int, total: int | None) -> None:
        if self._cancelled.is_set():
            raise _CancelledError
        self._done[name] = done
        sizes = {file.name: file.size for weight_set in self._weight_sets for file in weight_set.files}
        sizes[name] = total if total is not None else sizes.get(name)
        known = [size for size in sizes.values() if size is not None]
        whole = sum(known) if len(known) == len(sizes) else None
        self._tell(DownloadProgress(name, sum(self._done.values()), whole))

"""A run's decoded pictures, shared by its processes."""

from pathlib import Path

from model.arrays import IntArray
from model.training import processes
from model.training.cache import PictureCache, open_cache
from model.training.config import DataSet, RunConfig
from model.training.progress import Report


def decoded(
    config: RunConfig, data_set: DataSet, pictures: tuple[Path, ...], sizes: IntArray, report: Report
) -> PictureCache:
    """The pictures of a data set, decoded by the first process where that has not been done.

    Args:
        config: Says where the cache lies and how many decode at once.
        data_set: Whose name is reported.
        pictures: M files.
        sizes: (M, 2) width, height that the annotations state.
        report: Told of progress.

    Raises:
        DatasetError: As `open_cache`.
    """
    name = data_set.annotations.stem
    with processes.first_goes_first():
        return open_cache(
            pictures,
            sizes,
            config.cache or config.runs / "cache",
            max(1, config.workers),
            lambda done, total: report.on_decode(name, done, total),
        )

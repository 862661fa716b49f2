from pathlib import Path

import pytest

from tests.model.training.short_run import write_data


@pytest.fixture(scope="module")
def data(shallow_networks: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a short run needs: a toy set, another one to validate on, and the weights of a shallow teacher."""
    folder = tmp_path_factory.mktemp("그림 data")
    write_data(folder)
    return folder

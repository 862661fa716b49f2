"""How processes that torchrun started join; one alone stands for all of them here."""

import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from model.errors import EngineError
from model.training import processes
from model.training.config import Phase, TrainingConfig
from model.training.progress import Report
from model.training.train import train


@pytest.fixture
def started_by_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    for name, value in told.items():
        monkeypatch.setenv(name, str(value))


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of two GPUs, or so PyTorch says."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)


@pytest.mark.usefixtures("started_by_torchrun", "gpus")
def test_a_run_on_the_cpu_joins_by_what_cpus_use_though_there_are_gpus() -> None:
    with processes.joined("cpu"):
        assert dist.get_backend() == "gloo"
        assert processes.device("cpu") == "cpu"
        assert processes.largest(3.5) == 3.5
    assert not dist.is_initialized()


@pytest.mark.usefixtures("started_by_torchrun", "gpus")
@pytest.mark.parametrize(("kind", "backend"), [("cuda", "nccl"), ("cpu", "gloo")])
def test_others_wait_for_hours_while_the_first_decodes_pictures(
    kind: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(dist, "init_process_group", lambda backend, timeout: asked.update(by=backend, timeout=timeout))
    monkeypatch.setattr(dist, "destroy_process_group", lambda: None)
    with processes.joined(kind):
        assert asked["by"] == backend
        assert asked["timeout"] >= timedelta(hours=6)


@pytest.mark.usefixtures("started_by_torchrun", "gpus")
def test_a_process_without_a_gpu_of_its_own_is_told_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr("torch.cuda.set_device", chosen.append)
    with processes.joined("cpu"):
        monkeypatch.setenv("LOCAL_RANK", "1")
        assert processes.device("cuda") == "cuda:1"
        assert chosen == [1]
        monkeypatch.setenv("LOCAL_RANK", "2")
        with pytest.raises(EngineError, match="--nproc-per-node 2"):
            processes.device("cuda")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
@pytest.mark.usefixtures("started_by_torchrun")
def test_absent_cuda_is_told_before_processes_join(tmp_path: Path) -> None:
    phase = Phase(images=4, input_size="64x64", batch_size=4, learning_rate=1e-3)
    sets = ({"annotations": tmp_path / "none.json", "images": tmp_path},)
    config = TrainingConfig.model_validate(
        {
            "name": "toy",
            "network": "lite-hrnet-18",
            "device": "cuda",
            "sets": sets,
            "runs": tmp_path,
            "phases": (phase,),
        }
    )
    report = Report(lambda told: None, lambda metrics: None, lambda name, done, total: None)
    with pytest.raises(EngineError, match="device cuda"):
        train(config, report)

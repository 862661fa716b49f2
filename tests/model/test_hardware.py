"""PyTorch is asked about GPUs where there may be one, and only there."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from model.engines import hardware


def say_runtime(machine: Path, cuda: str) -> None:
    text = f"__version__ = '2.13.0'\ndebug = False\ncuda: Optional[str] = {cuda}\nhip: Optional[str] = None\n"
    (machine / "torch" / "version.py").write_text(text)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux without GPU, whose PyTorch is built for NVIDIA's."""
    monkeypatch.setattr(hardware, "_PCI_DEVICES", tmp_path / "pci")
    monkeypatch.setattr(hardware, "_OTHER_SIGNS", (tmp_path / "dxg",))
    monkeypatch.setattr(
        hardware, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(tmp_path / name)])
    )
    (tmp_path / "torch").mkdir()
    say_runtime(tmp_path, "'13.0'")
    monkeypatch.setattr(sys, "platform", "linux")
    device = tmp_path / "pci" / "0000:01:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x8086\n")
    return tmp_path


def test_a_machine_without_gpu(machine: Path) -> None:
    assert not hardware.may_have_gpu()


@pytest.mark.parametrize("maker", ["0x10de", "0x1002"])
def test_a_card_is_seen(machine: Path, maker: str) -> None:
    (machine / "pci" / "0000:01:00.0" / "vendor").write_text(f"{maker}\n")
    assert hardware.may_have_gpu()


def test_a_gpu_that_is_no_card_is_seen(machine: Path) -> None:
    (machine / "dxg").touch()
    assert hardware.may_have_gpu()


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_are_left_to_pytorch(machine: Path, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert hardware.may_have_gpu()


def test_a_pytorch_for_cpus_alone_decides(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "dxg").touch()
    say_runtime(machine, "None")
    assert not hardware.may_have_gpu()
    monkeypatch.setattr(sys, "platform", "win32")
    assert not hardware.may_have_gpu()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert hardware.may_have_gpu(), "Metal is in every build there"


def test_a_pytorch_whose_build_is_not_told_decides_nothing(machine: Path) -> None:
    (machine / "torch" / "version.py").unlink()
    assert not hardware.may_have_gpu()
    (machine / "dxg").touch()
    assert hardware.may_have_gpu()


def test_asking_imports_no_pytorch() -> None:
    code = "import sys; from model.engines.hardware import may_have_gpu; may_have_gpu(); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"

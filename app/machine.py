"""What this machine is, in words for a person."""

import platform
import subprocess
import sys
from pathlib import Path


def processor() -> str:
    """The processor's name and how many cores this process may use."""
    return f"{_processor_name()}, {usable_cores()} cores"


def usable_cores() -> int:
    """Logical cores that this process may run on."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def system() -> str:
    """The operating system and Python."""
    return f"{platform.platform(terse=True)}, Python {platform.python_version()}"


def _processor_name() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        answer = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        if answer.stdout.strip():
            return answer.stdout.strip()
    return platform.processor() or platform.machine()

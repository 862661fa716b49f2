"""How sources are named to the user."""

from pathlib import Path

from app.address import without_passwords
from app.gui.texts import tr
from app.live.opening import ANY_CAMERA


def spec_text(spec: str) -> str:
    """A source that is not open yet, by what the user chose."""
    if spec == ANY_CAMERA:
        return tr("camera")
    if spec.isdigit():
        return tr("camera {index}").format(index=spec)
    return without_passwords(spec) if "://" in spec else Path(spec).name


def mode_text(width: int, height: int, fps: float | None) -> str:
    """A picture's size, and its rate where that is known."""
    return f"{width} × {height}, {fps:.4g} FPS" if fps else f"{width} × {height}"

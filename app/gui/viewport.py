"""Which part of a picture a view shows, and where: letterbox, zoom, pan and mirror, in floating point, free of Qt."""

from dataclasses import dataclass, replace

MOST_ZOOM = 20.0


@dataclass(frozen=True)
class Viewport:
    """A picture seen through a view.

    Attributes:
        picture: (width, height) in frame pixels.
        view: (width, height) of the view, in the view's own units.
        zoom: 1 shows the whole picture as large as it fits.
        centre: The picture point at the view's centre, as fractions of the picture; 0.5, 0.5 is its middle.
        mirrored: Whether left and right are swapped on the screen.
    """

    picture: tuple[int, int] = (1, 1)
    view: tuple[float, float] = (1.0, 1.0)
    zoom: float = 1.0
    centre: tuple[float, float] = (0.5, 0.5)
    mirrored: bool = False

    @property
    def scale(self) -> float:
        """View units per frame pixel."""
        return self.zoom * min(self.view[0] / self.picture[0], self.view[1] / self.picture[1])

    @property
    def origin(self) -> tuple[float, float]:
        """Where the picture's top left corner, after mirroring, lies in the view."""
        fraction = (1 - self.centre[0] if self.mirrored else self.centre[0], self.centre[1])
        x, y = (
            view / 2 - part * size * self.scale
            for view, part, size in zip(self.view, fraction, self.picture, strict=True)
        )
        return x, y

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Where a frame point, with pixel centres at integers, lies in the view."""
        left, top = self.origin
        across = self.picture[0] - (x + 0.5) if self.mirrored else x + 0.5
        return left + across * self.scale, top + (y + 0.5) * self.scale

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """The frame point at a point of the view; the inverse of `to_view`."""
        left, top = self.origin
        across = (x - left) / self.scale
        across = self.picture[0] - across if self.mirrored else across
        return across - 0.5, (y - top) / self.scale - 0.5

    def visible(self) -> tuple[int, int, int, int]:
        """x1, y1, x2, y2 of the frame pixels that the view touches; x2 and y2 are one past the last."""
        ends = self.to_picture(0, 0), self.to_picture(*self.view)
        box = []
        for axis in range(2):
            first, last = sorted((ends[0][axis] + 0.5, ends[1][axis] + 0.5))
            box.append((max(int(first), 0), min(-int(-last // 1), self.picture[axis])))
        (x1, x2), (y1, y2) = box
        return x1, y1, x2, y2

    def zoomed(self, factor: float, x: float, y: float) -> "Viewport":
        """Zoomed by a factor; the picture point under (x, y) of the view stays there as far as the edges let it."""
        zoom = min(max(self.zoom * factor, 1.0), MOST_ZOOM)
        if zoom == self.zoom:
            return self
        fixed = self.to_picture(x, y)
        closer = replace(self, zoom=zoom)
        moved = closer.to_view(*fixed)
        return closer.panned(x - moved[0], y - moved[1])

    def panned(self, dx: float, dy: float) -> "Viewport":
        """Moved by an offset in view units, so that no more is empty than the letterbox needs."""
        sign = -1 if self.mirrored else 1
        wanted = (
            self.centre[0] - sign * dx / (self.picture[0] * self.scale),
            self.centre[1] - dy / (self.picture[1] * self.scale),
        )
        x, y = (
            _kept_inside(fraction, self.view[axis] / (self.picture[axis] * self.scale))
            for axis, fraction in enumerate(wanted)
        )
        return replace(self, centre=(x, y))


def _kept_inside(fraction: float, shown: float) -> float:
    """A centre along one axis, of which the view shows `shown` pictures."""
    return 0.5 if shown >= 1 else min(max(fraction, shown / 2), 1 - shown / 2)

"""How heatmaps become keypoints, by name; `model.heatmaps` does it. Imports nothing, for commands that only list."""

from typing import Literal

Decoding = Literal["dark", "quarter"]

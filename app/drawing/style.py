"""What is drawn of a result, and in which colours."""

from dataclasses import dataclass
from typing import Self

from app.settings import Settings

Colour = tuple[int, int, int]  # BGR

# Orange and sky blue, after Okabe and Ito's palette, stay apart for every kind of colour vision and in grey; both are
# brightened for screens. The body's axis is near white.
SIDE_COLOURS: dict[str, Colour] = {"left": (38, 160, 255), "right": (255, 196, 64), "centre": (240, 240, 240)}
OUTLINE: Colour = (24, 20, 18)
PAPER: Colour = (250, 250, 250)
JOINT_CORE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class DrawingStyle:
    """What is drawn of a result.

    Attributes:
        keypoint_threshold: Keypoints scored lower are not drawn, nor are limbs that end in them.
        skeleton: Limbs between the joints.
        joints: A dot at every joint.
        boxes: A frame around every person.
        ids: The lasting number of every person.
        scores: Every person's score.
        angles: Degrees at elbows, shoulders, hips and knees.
        dim_background: A darker picture, on which skeletons stand out.
        heatmap: Name of the joint whose heatmaps are laid over the picture, where the result has them; "none" for none.
        line_width: Factor on the usual width of lines.
    """

    keypoint_threshold: float = 0.3
    skeleton: bool = True
    joints: bool = True
    boxes: bool = False
    ids: bool = False
    scores: bool = False
    angles: bool = False
    dim_background: bool = False
    heatmap: str = "none"
    line_width: float = 1.0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The style that a user has set."""
        return cls(keypoint_threshold=settings.pose.keypoint_threshold, **settings.drawing.model_dump())

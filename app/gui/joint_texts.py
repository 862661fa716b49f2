"""How joints are named to the user."""

from app.gui.texts import tr


def joint_choices() -> list[tuple[str, str]]:
    """Values and texts for choosing a joint, or none."""
    return [
        ("none", tr("None")),
        ("nose", tr("Nose")),
        ("left_eye", tr("Left eye")),
        ("right_eye", tr("Right eye")),
        ("left_ear", tr("Left ear")),
        ("right_ear", tr("Right ear")),
        ("left_shoulder", tr("Left shoulder")),
        ("right_shoulder", tr("Right shoulder")),
        ("left_elbow", tr("Left elbow")),
        ("right_elbow", tr("Right elbow")),
        ("left_wrist", tr("Left wrist")),
        ("right_wrist", tr("Right wrist")),
        ("left_hip", tr("Left hip")),
        ("right_hip", tr("Right hip")),
        ("left_knee", tr("Left knee")),
        ("right_knee", tr("Right knee")),
        ("left_ankle", tr("Left ankle")),
        ("right_ankle", tr("Right ankle")),
        ("pelvis", tr("Pelvis (MPII networks)")),
        ("thorax", tr("Thorax (MPII networks)")),
        ("upper_neck", tr("Neck (MPII networks)")),
        ("head_top", tr("Top of the head (MPII networks)")),
    ]

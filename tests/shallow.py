"""Networks of little depth, for tests of what is done with a network and not of the network itself."""

from dataclasses import replace
from functools import cache

import pytest

from model.checkpoints import loading
from model.networks import hrnet, lite_hrnet, mobilenet_v2, shufflenet_v2


def make_networks_shallow(patch: pytest.MonkeyPatch) -> None:
    """Build one block where there are several: a step of training and an export take a time in proportion to them.

    At full depth the networks are built, run and compared with mmpose's in tests/model.
    """
    for name, lite in lite_hrnet.VARIANTS.items():
        shallow = (1, 2, 1) if name == "lite-hrnet-30" else (1, 1, 1)
        patch.setitem(lite_hrnet.VARIANTS, name, replace(lite, modules=shallow))
    patch.setattr(lite_hrnet, "BLOCKS_PER_MODULE", 1)
    for name, high in hrnet.VARIANTS.items():
        patch.setitem(hrnet.VARIANTS, name, replace(high, bottlenecks=1, modules=(1, 1, 1), blocks=1))
    layers = tuple((expansion, channels, 1, stride) for expansion, channels, _, stride in mobilenet_v2.LAYERS)
    patch.setattr(mobilenet_v2, "LAYERS", layers)
    patch.setattr(shufflenet_v2, "STAGES", tuple((channels, 2) for channels, _ in shufflenet_v2.STAGES))
    # A memory of their own: by that of the deep networks, files of either kind would be taken for strangers.
    patch.setattr(loading, "_shapes_by_name", cache(loading._shapes_by_name.__wrapped__))

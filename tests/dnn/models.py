"""Models as after some training, without any."""

from __future__ import annotations

import torch

from ddnnsim.dnn.blocks import Norm
from ddnnsim.dnn.model import DDNN


def seasoned(model: DDNN, random: torch.Generator) -> DDNN:
    """Return *model* in evaluation mode, its norms as after some training."""
    network = model.network
    pixels = torch.randint(256, (64, network.views, *network.view_shape), generator=random, dtype=torch.uint8)
    with torch.no_grad():
        for norm in (module for module in model.modules() if isinstance(module, Norm)):
            norm.weight.normal_(generator=random)
            norm.bias.normal_(generator=random)
            norm.momentum = None
        model.train()(pixels, torch.ones(64, network.views, dtype=torch.bool))
    return model.eval()

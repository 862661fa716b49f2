import copy

import pytest
import torch
from torch import Tensor, nn

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="records CUDA graphs: needs an NVIDIA GPU")


def test_a_recorded_step_does_what_the_step_does() -> None:
    from model.training.graphed_step import GraphedStep

    torch.manual_seed(0)
    fresh = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 1, 1)).cuda()
    batches = [torch.randn(count, 3, 16, 16).pin_memory() for count in (4, 4, 4, 4, 4, 6, 4, 6)]
    losses = []
    for wrap in (lambda step: step, GraphedStep):
        network = copy.deepcopy(fresh)
        rate = torch.tensor(1e-2, device="cuda")
        optimizer = torch.optim.AdamW(network.parameters(), lr=rate, capturable=True, fused=True)

        def step(
            x: Tensor, network: nn.Module = network, optimizer: torch.optim.Optimizer = optimizer
        ) -> dict[str, Tensor]:
            loss = (network(x.cuda(non_blocking=True)) - 1).square().mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            return {"loss": loss.detach()}

        take_step = wrap(step)
        seen = []
        for number, batch in enumerate(batches):
            rate.fill_(1e-2 / (number + 1))
            seen.append(float(take_step(batch)["loss"]))
        losses.append(seen)
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert losses[0][-1] < losses[0][0]

"""The course of the learning rate."""

import math

from model.training.config import Stretch


def learning_rate(phase: Stretch, step: int, steps: int) -> float:
    """The learning rate of a step (from 0) of a phase that has `steps` steps."""
    schedule = phase.schedule
    share = step / max(steps, 1)
    if schedule.kind == "step":
        factor = schedule.step_factor ** sum(share >= at for at in schedule.steps_at)
    else:
        factor = schedule.last + (1 - schedule.last) * 0.5 * (1 + math.cos(math.pi * share))
    return phase.learning_rate * factor * min(1.0, (step + 1) / (schedule.warmup_steps + 1))

"""How models are named to the user."""

from app.gui.texts import tr
from model.errors import WeightsError
from model.zoo import PoseModel, PoseWeightSet, WeightSet, resolve

SIZES = ("fast", "balanced", "accurate")


def size_text(size: str) -> str:
    return {"fast": tr("Fast"), "balanced": tr("Balanced"), "accurate": tr("Accurate")}[size]


def size_line(size: str) -> str:
    """What a size means, and which other size means the same."""
    line = model_line(resolve(size))
    same = [size_text(other) for other in SIZES if other != size and resolve(other) == resolve(size)]
    return "\n".join([line, *(tr("For now the same as {size}").format(size=other) for other in same)])


def model_line(model: PoseModel) -> str:
    """A model's name with what tells it from others."""
    return f"{model.name} · {model_figures(model)}"


def model_figures(model: PoseModel) -> str:
    """A model's size and accuracy in few words."""
    size = str(model.input_size).replace("x", " × ")
    accuracy = model.measured_ap or model.published_ap
    ending = f" · AP {100 * accuracy:.1f}" if accuracy is not None else ""
    return f"{model.parameters / 1e6:.2f} M · {size}{ending}"


def set_name(model: str) -> str:
    """The weight set that a model's name stands for; the name itself where it stands for none."""
    try:
        return resolve(model).name
    except WeightsError:
        return model


def size_of(model: str) -> str | None:
    """Which of fast, balanced and accurate a model's name means; None for none of them."""
    if model in SIZES:
        return model
    if model == "default":
        default = resolve(model)
        return next((size for size in ("balanced", "fast", "accurate") if resolve(size) == default), None)
    return None


def model_choices(models: list[PoseModel]) -> list[tuple[str, str]]:
    """Values and texts for choosing a model in the settings."""
    sizes = [(size, f"{size_text(size)}: {resolve(size).name}") for size in SIZES]
    return [("default", tr("Default: {name}").format(name=resolve("default").name)), *sizes] + [
        (model.name, model.name) for model in models if _known(model.name)
    ]


def weights_text(weight_set: WeightSet) -> str:
    """What a weight set is for, how large and under which licence."""
    sizes = [file.size for file in weight_set.files]
    size = f"{sum(s for s in sizes if s) / 1e6:.1f} MB, " if all(sizes) else ""
    what = tr("pose network") if isinstance(weight_set, PoseWeightSet) else tr("person detector")
    return f"{weight_set.name} ({what}, {size}{weight_set.licence})"


def _known(name: str) -> bool:
    try:
        resolve(name)
    except WeightsError:
        return False
    return True

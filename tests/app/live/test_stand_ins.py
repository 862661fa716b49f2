"""What runs while other networks are loaded or fetched, or in their place."""

from app.live.building import Built, MissingWeightsError
from app.live.news import ModelFailed, ModelLoading, ModelReady, WeightsMissing
from app.settings import Settings
from model.errors import EngineError
from model.zoo import resolve
from tests.app.live.fakes import wait_for


def test_something_quick_runs_until_what_is_wanted_has_loaded(live) -> None:
    live.stand_ins["default"] = "quick"
    live.builder.loading_s = 0.2
    live.start()
    wait_for(lambda: live.controller.engine_info is not None)
    assert live.controller.engine_info.model == "quick"
    wait_for(live.draws_result)
    wait_for(lambda: live.controller.engine_info.model == "default")
    quick, wanted = live.builder.pipelines
    assert quick.seen, "it was worked with"
    wait_for(lambda: quick.closed and wanted.seen)
    assert [(type(news).__name__, news.model if isinstance(news, ModelLoading) else news.info.model)
            for news in live.news.all if isinstance(news, ModelLoading | ModelReady)] == [
        ("ModelLoading", "default"), ("ModelReady", "quick"), ("ModelLoading", "default"), ("ModelReady", "default"),
    ]  # fmt: skip
    live.choose("fast")  # something runs: nothing need stand in
    live.stand_ins["fast"] = "quick"
    wait_for(lambda: live.controller.engine_info.model == "fast")
    assert len(live.builder.pipelines) == 3


def test_a_stand_in_that_fails_is_passed_over(live) -> None:
    live.stand_ins["default"] = "quick"
    live.builder.errors["quick"] = EngineError("engine torch is not here")
    live.start()
    wait_for(live.draws_result)
    assert live.controller.engine_info.model == "default"
    assert live.news.of(ModelFailed) == []


def test_a_stand_in_works_while_missing_weights_are_fetched(live) -> None:
    live.stand_ins["default"] = "quick"
    live.builder.errors["default"] = MissingWeightsError((resolve("default"),))
    live.start()
    wait_for(lambda: live.news.of(WeightsMissing))
    wait_for(live.draws_result)
    assert live.controller.engine_info.model == "quick"
    del live.builder.errors["default"]
    live.controller.retry_networks()
    wait_for(lambda: live.controller.engine_info.model == "default")
    assert live.controller.settings.pose.model == "default"


def test_declining_a_download_keeps_the_stand_in(live) -> None:
    live.stand_ins["default"] = "quick"
    live.builder.errors["default"] = MissingWeightsError((resolve("default"),))
    live.start()
    wait_for(lambda: live.news.of(WeightsMissing))
    wait_for(live.draws_result)
    assert live.controller.keep_running_networks().pose.model == "quick"
    assert live.controller.settings.pose.model == "quick", "the next start does not ask again"
    seen = len(live.builder.pipelines[0].seen)
    wait_for(lambda: len(live.builder.pipelines[0].seen) > seen)
    assert len(live.builder.pipelines) == 1
    assert len(live.news.of(WeightsMissing)) == 1


def test_settings_changed_while_a_stand_in_waits_its_turn_do_not_replace_its_networks(live) -> None:
    for name in ("default", "fast"):
        live.stand_ins[name] = "quick"
        live.builder.errors[name] = MissingWeightsError((resolve(name),))
    live.builder.loading_s = 0.2
    live.start()
    live.choose("fast")  # waits for the first, which is being loaded
    live.change("drawing", boxes=True)
    wait_for(lambda: live.news.of(WeightsMissing))
    wait_for(live.draws_result)
    assert live.controller.engine_info.model == "quick"
    wait_for(lambda: live.builder.pipelines[-1].applied)
    assert live.builder.pipelines[-1].applied[0].drawing.boxes


def test_what_stands_in_on_another_engine_for_the_moment_leaves_the_chosen_one(live) -> None:
    def with_quick_engine(settings: Settings) -> Settings:
        return settings.model_copy(
            update={"pose": settings.pose.model_copy(update={"model": "quick", "engine": "torch"})}
        )

    live.controller._networks._meanwhile = with_quick_engine
    live.builder.errors["default"] = MissingWeightsError((resolve("default"),))
    live.start()
    wait_for(lambda: live.news.of(WeightsMissing))
    wait_for(live.draws_result)
    assert live.builder.pipelines[0].settings.pose.engine == "torch"
    kept = live.controller.keep_running_networks().pose
    assert (kept.model, kept.engine) == ("quick", "auto")
    wait_for(lambda: len(live.builder.pipelines) == 2 and live.builder.pipelines[1].seen)
    assert live.builder.pipelines[1].settings.pose.engine == "auto"


def test_networks_that_follow_one_another_number_people_from_one_count(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.choose("fast")
    wait_for(lambda: len(live.builder.pipelines) == 2 and live.builder.pipelines[1].seen)
    assert [pipeline.numbers for pipeline in live.builder.pipelines] == [[1], [2]]


def test_an_engine_that_fails_is_not_gone_back_to(live) -> None:
    """As where the graph that the chosen engine needs cannot be written; the window gives the choice up, once."""

    def on_torch(settings: Settings) -> Settings:
        return settings.model_copy(update={"pose": settings.pose.model_copy(update={"engine": "torch"})})

    def build(settings: Settings) -> Built:
        if settings.pose.engine == "auto":
            raise EngineError("no room for the graph")
        return live.builder(settings)

    live.controller._networks._meanwhile = on_torch
    live.controller._networks._build = build
    live.start()
    wait_for(lambda: live.news.of(ModelFailed))
    wait_for(live.draws_result)
    assert live.controller.keep_running_networks().pose.engine == "torch"
    seen = len(live.builder.pipelines[0].seen)
    wait_for(lambda: len(live.builder.pipelines[0].seen) > seen + 3)
    assert len(live.news.of(ModelFailed)) == 1

"""The charts of the report as Vega-Lite specifications; their rows are named data that the page fills in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]
GAIN = "gain, points"


@dataclass(frozen=True)
class Shown:
    """What there is to draw.

    Attributes:
        extent: the greatest gain or loss of the heat map, above 0.
        first: the intermediate that the chart of languages shows first; "" without gains.
        intermediates: those with gains.
        encoders: of the study.
        sizes: encoder -> weights, where known.
        targets: labels of those that are drawn.
        panels: of the sweep over layers; none without retrieval.
        trained: sets of tasks with training curves.

    """

    extent: float
    first: str
    intermediates: tuple[str, ...]
    encoders: tuple[str, ...]
    sizes: Mapping[str, int]
    targets: tuple[str, ...]
    panels: tuple[str, ...]
    trained: tuple[str, ...]


def charts(shown: Shown) -> dict[str, Spec]:
    """Return name -> specification of each chart for which there are data."""
    made: dict[str, Any] = {}
    if shown.intermediates:
        made |= {"heat": _heat(shown), "languages": _languages(shown), "scatter": _scatter()}
        if len(shown.sizes) > 1:
            made["sizes"] = _sizes(shown)
    if shown.panels:
        made["layers"] = _layers(shown)
    if shown.trained:
        made["curves"] = _curves(shown)
    return {name: chart.to_dict() for name, chart in made.items()}


def _heat(shown: Shown) -> Any:
    import altair as alt

    base = (
        alt.Chart()
        .encode(
            x=alt.X("target:N", sort=None, title=None, axis=alt.Axis(labelAngle=-35, labelLimit=260, orient="top")),
            y=alt.Y("intermediate:N", sort=None, title=None),
        )
        .properties(width=alt.Step(58), height=alt.Step(26))
    )
    scale = alt.Scale(range="diverging", domain=[-shown.extent, shown.extent])  # as far to either side
    cells = base.mark_rect(cursor="pointer").encode(
        color=alt.Color("gain:Q", title=GAIN, scale=scale), tooltip=_tooltip("target")
    )
    text = base.mark_text(fontSize=11, cursor="pointer").encode(
        text=alt.Text("gain:Q", format="+.1f"), tooltip=_tooltip("target")
    )
    layered = alt.layer(cells, text, data=alt.NamedData(name="targets")).transform_filter("datum.main && isValid(datum.gain)")
    return layered.facet(row=alt.Row("encoder:N", sort=None, title=None)) if len(shown.encoders) > 1 else layered


def _languages(shown: Shown) -> Any:
    import altair as alt

    who = alt.param(
        name="who", value=shown.first, bind=alt.binding_select(options=list(shown.intermediates), name="Intermediate: ")
    )
    choice = alt.binding_select(options=list(shown.encoders), name="Encoder: ")
    which = alt.param(name="which", value=shown.encoders[0], bind=choice if len(shown.encoders) > 1 else alt.Undefined)
    places = alt.Y(
        "place:N",
        title=None,
        sort=alt.EncodingSortField(field="order", op="min"),
        axis=alt.Axis(labelLimit=230),
    )
    gain = alt.X("gain:Q", title=GAIN)
    base = alt.Chart().encode(y=places).properties(width=200, height=alt.Step(13))
    chosen = base.transform_filter("datum.intermediate == who")
    zero = alt.Chart().mark_rule(strokeDash=[2, 2]).encode(x=alt.datum(0))
    others = base.mark_point(size=14, opacity=0.4, filled=True, color="#888888", cursor="pointer").encode(
        x=gain, tooltip=_tooltip("target", "language")
    )
    line = chosen.mark_rule(strokeWidth=2, color="#1f77b4").encode(x=alt.X("low:Q", title=GAIN), x2="high:Q")
    point = chosen.mark_point(size=36, filled=True, color="#1f77b4", cursor="pointer").encode(
        x=gain, tooltip=_tooltip("target", "language")
    )
    return (
        alt.layer(zero, others, line, point, data=alt.NamedData(name="languages"))
        .transform_filter("datum.zero_shot && datum.main && isValid(datum.gain) && datum.encoder == which")
        .facet(facet=alt.Facet("target:N", title=None, sort=list(shown.targets), header=alt.Header(labelLimit=330)), columns=2)
        .resolve_scale(y="independent")
        .add_params(who, which)
    )


def _scatter() -> Any:
    import altair as alt

    by_target = alt.selection_point(fields=["target"], bind="legend")
    base = alt.Chart().properties(width=640, height=320)
    points = (
        base.mark_point(size=24, filled=True, cursor="pointer")
        .encode(
            x=alt.X("baseline:Q", title="score of the baseline, per cent", scale=alt.Scale(zero=False)),
            y=alt.Y("gain:Q", title=GAIN),
            color=alt.Color("target:N", title="target", sort=None, legend=alt.Legend(labelLimit=330)),
            opacity=alt.condition(by_target, alt.value(0.7), alt.value(0.05)),
            tooltip=[*_tooltip("target", "language"), alt.Tooltip("baseline:Q", format=".1f")],
        )
        .add_params(by_target)
    )
    zero = base.mark_rule(strokeDash=[2, 2]).encode(y=alt.datum(0))
    return alt.layer(zero, points, data=alt.NamedData(name="languages")).transform_filter(
        "datum.main && datum.zero_shot && isValid(datum.gain) && isValid(datum.baseline)"
    )


def _sizes(shown: Shown) -> Any:
    import altair as alt

    size = alt.X("weights:Q", title="weights of the layers", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s"))
    colour = alt.Color("intermediate:N", sort=None, title="intermediate")
    base = alt.Chart().encode(x=size, color=colour).properties(width=220, height=160)
    points = base.mark_point(filled=True, size=40, cursor="pointer").encode(
        y=alt.Y("gain:Q", title=GAIN), tooltip=[*_tooltip("target"), alt.Tooltip("weights:Q", format=",")]
    )
    spans = base.mark_rule(opacity=0.4).encode(y=alt.Y("low:Q", title=GAIN), y2="high:Q")
    line = (
        alt.Chart()
        .transform_regression("weights", "gain", groupby=["intermediate"], method="log")
        .mark_line(strokeDash=[4, 3])
        .encode(x=size, y=alt.Y("gain:Q", title=GAIN), color=colour)
    )
    return (
        alt.layer(spans, points, line, data=alt.NamedData(name="targets"))
        .transform_filter("datum.main && isValid(datum.gain) && isValid(datum.weights)")
        .facet(facet=alt.Facet("target:N", sort=list(shown.targets), title=None, header=alt.Header(labelLimit=240)), columns=3)
    )


def _layers(shown: Shown) -> Any:
    import altair as alt

    base = alt.Chart().properties(width=280, height=180)
    layer = alt.X("layer:Q", title="layer (0: embeddings)", axis=alt.Axis(tickMinStep=1, format="d"))
    score = alt.Y("score:Q", title="zero-shot mean, per cent")
    tooltip: Sequence[Any] = [
        "encoder:N",
        "intermediate:N",
        "panel:N",
        "layer:Q",
        alt.Tooltip("score:Q", format=".2f"),
        "seeds:Q",
    ]
    trained = (
        base.transform_filter("!datum.floor")
        .mark_line(point=True)
        .encode(x=layer, y=score, color=alt.Color("intermediate:N", sort=None), tooltip=tooltip)
    )
    floor = (
        base.transform_filter("datum.floor")
        .mark_line(point=True, strokeDash=[5, 4], color="#888888")
        .encode(x=layer, y=score, tooltip=tooltip)
    )
    if len(shown.encoders) > 1:
        trained, floor = trained.encode(detail="encoder:N", shape="encoder:N"), floor.encode(detail="encoder:N")
    return alt.layer(floor, trained, data=alt.NamedData(name="layers")).facet(
        facet=alt.Facet("panel:N", sort=list(shown.panels), title=None, header=alt.Header(labelLimit=300)), columns=2
    )


def _curves(shown: Shown) -> Any:
    import altair as alt

    lines = (
        alt.Chart()
        .mark_line(strokeWidth=1.3, opacity=0.7)
        .encode(
            x=alt.X("update:Q", title="update"),
            y=alt.Y("loss:Q", title="training loss, nats", scale=alt.Scale(zero=False)),
            color=alt.Color("after:N", sort=None, title="for"),
            detail="key:N",
            tooltip=["tasks:N", "after:N", "seed:Q", "update:Q", alt.Tooltip("loss:Q", format=".3f")],
        )
        .properties(width=220, height=130)
    )
    return (
        alt.layer(lines, data=alt.NamedData(name="curves"))
        .facet(facet=alt.Facet("tasks:N", sort=list(shown.trained), title=None, header=alt.Header(labelLimit=230)), columns=3)
        .resolve_scale(x="independent", y="independent")
    )


def _tooltip(*names: str) -> list[Any]:
    import altair as alt

    numbers = [alt.Tooltip(f"{name}:Q", format="+.2f") for name in ("gain", "low", "high")]
    return [*(f"{name}:N" for name in ("intermediate", *names)), *numbers, "seeds:Q", "flagged:Q"]

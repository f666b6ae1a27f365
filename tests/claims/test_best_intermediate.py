"""Which intermediate stands behind `best`, and that none does where scores are missing."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from gain_world import panel_of
from xstilts.claim_spec import Effect
from xstilts.claims.effects import Effects, Unmeasured
from xstilts.stats.panels import Panel

WHOLE = panel_of(np.full((2, 3, 50), 4.0))
BEST = Effect.model_validate({"gain": {"intermediate": "best", "over": "xnli"}})


def effects(panel: Panel) -> Effects:
    study = SimpleNamespace(
        encoders={"e": None}, targets=("xnli",), baseline="baseline", intermediates={"baseline": (), "nli": ("mnli",)}
    )
    results: Any = SimpleNamespace(plan=SimpleNamespace(study=study))
    return Effects(results, _panels={None: (panel,)})


def test_the_best_is_named() -> None:
    found = effects(WHOLE)
    parts = found.parts(BEST)
    assert not isinstance(parts, Unmeasured)
    assert [(part.weight, part.intermediate) for part in parts] == [(1.0, "nli"), (-1.0, "baseline")]
    assert found.chosen == ["xnli: nli"]


def test_without_all_scores_of_any_nothing_is_the_best() -> None:
    present = WHOLE.present.copy()
    present[1, 0, 2] = False
    assert effects(replace(WHOLE, present=present)).parts(BEST) == Unmeasured("no intermediate has all its scores on xnli")

"""What the report shows, gathered from a study's store: values only, no page."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts import overview, summary
from xstilts.claims import Verdict, check_claims, load_claims
from xstilts.example_pairs import PairedExample
from xstilts.report import history
from xstilts.report.findings import Measured, Settings, measure
from xstilts.report.numbers import Score, encoder_weights, headline_scores
from xstilts.report.places import Place, placed
from xstilts.report.samples import samples
from xstilts.results import Results
from xstilts.spec import StudySpec


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from; see the functions of `history` for the columns."""

    encoders: list[tuple[str, str, str]]
    surroundings: list[tuple[str, str, int]]
    scorers: list[tuple[str, str]]
    data_files: list[tuple[str, str, str, str, str]]


@dataclass(frozen=True)
class Content:
    """All that the page is made of.

    Attributes:
        study: the study.
        file: its file, as it was named.
        out: the store's folder.
        settings: how gains were computed.
        measured: its gains.
        verdicts: on the study's claims; none without claims.
        scores: what they are made of.
        places: the planned languages in their order.
        samples: (encoder, target, language) -> examples.
        means: rows and notes of `summary.summary`.
        weights: encoder -> weights of its layers, where known.
        trainings: finished training runs.
        costs: of each kind of stage.
        provenance: versions and data.
        status: of `overview.status`.
        planned, missing: numbers of scores.

    """

    study: StudySpec
    file: Path
    out: Path
    settings: Settings
    measured: Measured
    verdicts: tuple[Verdict, ...]
    scores: tuple[Score, ...]
    places: tuple[Place, ...]
    samples: Mapping[tuple[str, str, str], list[PairedExample]]
    means: tuple[list[list[Any]], list[str]]
    weights: Mapping[str, int]
    trainings: tuple[history.Training, ...]
    costs: tuple[history.Cost, ...]
    provenance: Provenance
    status: dict[str, Any]
    planned: int
    missing: int


def gather(results: Results, file: Path, settings: Settings) -> Content:
    """Return what the report of a study shows.

    Args:
        results: of the study, complete or not.
        file: the study's file, for the commands that the page shows.
        settings: how gains are computed.

    Raises:
        XstiltsError: when claims cannot be read or checked.

    """
    plan, store = results.plan, results.store
    claims = load_claims(plan.study, settings.claims)
    manifests = history.read_manifests(results)
    return Content(
        study=plan.study,
        file=file,
        out=store.out,
        settings=settings,
        measured=measure(results, settings),
        verdicts=check_claims(results, claims, resamples=settings.resamples) if claims else (),
        scores=headline_scores(results),
        places=placed((one.language for one in plan.scores), plan.study.declared),
        samples=samples(results),
        means=summary.summary(results),
        weights=encoder_weights(plan),
        trainings=history.trainings(results, manifests),
        costs=history.costs(plan, manifests),
        provenance=Provenance(
            history.encoders(plan), history.surroundings(manifests), history.scorers(plan), history.data_files(plan)
        ),
        status=overview.status(plan, store),
        planned=len(plan.scores),
        missing=sum(one.stage.key not in manifests for one in plan.scores),
    )

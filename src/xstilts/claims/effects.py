"""From an effect that a claim names to the parts of a contrast: which panels, which of their languages, which systems."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from xstilts.benchmarks import BENCHMARKS, BenchmarkTask, benchmark
from xstilts.claim_spec import BEST, Effect, Gain, Over, Score
from xstilts.language_groups import By, group_of
from xstilts.results import Results
from xstilts.stats import averages
from xstilts.stats.contrasts import Part
from xstilts.stats.panels import Panel, make_panels

BYS: dict[str, By] = {"family": "family", "script": "script", "resource_class": "resource_class", "seen": "seen"}
DIRECTIONS = {task.name: task.variant for suite in BENCHMARKS.values() for task in suite.tasks if task.variant}


@dataclass(frozen=True)
class Unmeasured:
    """Why the study has no number for an effect."""

    reason: str


@dataclass
class Effects:
    """The parts of effects on a study's results; panels are made once for each benchmark's values.

    Attributes:
        results: the study's.
        chosen: notes on what stood behind `best`, for people.

    """

    results: Results
    chosen: list[str] = field(default_factory=list)
    _panels: dict[str | None, tuple[Panel, ...]] = field(default_factory=dict)

    def parts(self, effect: Effect) -> tuple[Part, ...] | Unmeasured:
        """Return the parts whose sum is the effect: a mean over targets of means over languages."""
        quantity = effect.quantity
        study = self.results.plan.study
        encoder = quantity.encoder or next(iter(study.encoders))
        members = self._members(quantity, encoder)
        if isinstance(members, Unmeasured):
            return members
        parts = []
        for panel, languages in members:
            reference = (quantity.reference or study.baseline) if isinstance(quantity, Gain) else None
            name: str | None = quantity.intermediate
            if name == BEST and name not in study.intermediates:
                name = self._best(panel, languages, reference or study.baseline)
            if name is None:
                return Unmeasured(f"no intermediate has all its scores on {panel.target}")
            parts.append(Part(1 / len(members), panel, languages, name))
            if reference is not None:
                parts.append(Part(-1 / len(members), panel, languages, reference))
        return tuple(parts)

    def _members(self, quantity: Score, encoder: str) -> list[tuple[Panel, tuple[int, ...]]] | Unmeasured:
        """Return the panels of the targets that count, each with the positions of its languages that count."""
        over, study = quantity.over, self.results.plan.study
        official = _official(over)
        targets = [over.target] if over.target else list(official or study.targets)
        absent = [target for target in targets if target not in study.targets]
        if absent:
            return Unmeasured(f"the study does not evaluate {', '.join(absent)}")
        found = []
        for target in targets:
            panels = [panel for panel in self._fitting(quantity, encoder) if panel.target == target]
            if len(panels) > 1:
                names = "; ".join(panel.variant for panel in panels)
                return Unmeasured(f"{target} has several variants ({names}): name one with `variant:`")
            languages = self._languages(panels, over, official.get(target), encoder)
            if languages:
                found.append((panels[0], languages))
            elif official or over.target:
                return Unmeasured(f"{target} has no such scores")
        return found or Unmeasured("no target has such languages")

    def _fitting(self, quantity: Score, encoder: str) -> list[Panel]:
        """Return an encoder's panels in the direction that benchmarks take and the variant that the claim names."""
        suite = quantity.over.benchmark
        if suite not in self._panels:
            values = averages.benchmark_values(benchmark(suite)) if suite else None
            self._panels[suite] = make_panels(self.results, values=values)
        return [
            panel
            for panel in self._panels[suite]
            if panel.encoder == encoder
            and (
                not panel.variant
                or (
                    set(DIRECTIONS.get(panel.target, "").split()) <= set(panel.variant.split())
                    and quantity.variant in panel.variant
                )
            )
        ]

    def _languages(self, panels: Sequence[Panel], over: Over, official: BenchmarkTask | None, encoder: str) -> tuple[int, ...]:
        if not panels:
            return ()
        panel = panels[0]
        if official is not None:
            return averages.official(panel, official)
        if over.language is not None:
            return tuple(i for i, tag in enumerate(panel.languages) if tag == over.language)
        zero_shot = [i for i, is_so in enumerate(panel.zero_shot) if is_so]
        if over.group is not None:
            fact, name = over.group
            declared = self.results.plan.study.encoders[encoder]
            zero_shot = [i for i in zero_shot if group_of(panel.languages[i], BYS[fact], declared) == name]
        return tuple(zero_shot)

    def _best(self, panel: Panel, languages: Sequence[int], reference: str) -> str | None:
        """Return the intermediate with the highest mean on one panel, of those that have every score."""
        scores = panel.scores()[:, list(languages)].mean((1, 2))  # [I]; NaN where one is missing
        others = {
            name: float(score)
            for name, score in zip(panel.intermediates, scores, strict=True)
            if name != reference and score == score  # noqa: PLR0124 (not NaN)
        }
        if not others:
            return None
        best = max(others, key=others.__getitem__)
        self.chosen.append(f"{panel.target}: {best}")
        return best


def _official(over: Over) -> dict[str, BenchmarkTask]:
    """Return the tasks of the benchmark that count, by name; none where no benchmark is named."""
    if over.benchmark is None:
        return {}
    tasks = {task.name: task for task in benchmark(over.benchmark).tasks}
    if over.without is not None:
        tasks = {name: task for name, task in tasks.items() if task.group != "retrieval"}
    if over.without == "retrieval and tydiqa":
        tasks.pop("tydiqa", None)
    return tasks

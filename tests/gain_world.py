"""Gains with known truth: the generating model of the simulations.

    g_sx = gain + A_s + E_x + e_sx        (points)

A_s, E_x and e_sx are independent normal numbers. A world "in thirds" gives what accuracies can give: an example is won (+100),
lost (-100) or drawn, with probabilities such that the mean is the same; then e_sx is what makes it one of the three.
"""

from dataclasses import dataclass

import numpy as np

from xstilts.stats.panels import Panel


@dataclass(frozen=True)
class World:
    """Standard deviations in points: of a seed's effect, of an example's, of what is left of a seed on an example."""

    seed: float
    example: float
    rest: float
    gain: float = 0.0
    seeds: int = 3
    examples: int = 200
    thirds: bool = False

    def gains(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return gains of `count` independent comparisons, [count, S, n]."""
        by_seed = self.seed * rng.standard_normal((count, self.seeds, 1))
        by_example = self.example * rng.standard_normal((count, 1, self.examples))
        mean = self.gain + by_seed + by_example
        if not self.thirds:
            return mean + self.rest * rng.standard_normal((count, self.seeds, self.examples))
        decided = (self.rest / 100) ** 2  # the share of examples that are won or lost
        assert np.abs(mean).max() < 100 * decided, "no probability is below 0"
        drawn = rng.random(mean.shape)
        won, lost = (decided + mean / 100) / 2, (decided - mean / 100) / 2
        return 100.0 * (drawn < won) - 100.0 * (drawn > 1 - lost)

    def panel(self, count: int, rng: np.random.Generator, *, parallel: bool = False) -> Panel:
        """Return the comparisons as the languages of a panel."""
        return panel_of(self.gains(count, rng), parallel=parallel)


def panel_of(gains: np.ndarray, *, parallel: bool = False, target: str = "xnli") -> Panel:
    """Return a panel of one intermediate with these gains, [L, S, n], over a baseline of 0 on every example."""
    languages, seeds, examples = gains.shape
    right = np.stack([np.zeros_like(gains), gains / 100]).astype(np.float32)  # [I, L, S, n]
    return Panel(
        encoder="e", target=target, variant="", intermediates=("baseline", "nli"),
        languages=tuple(f"l{i}_Latn" for i in range(languages)), seeds=tuple(range(seeds)),
        right=tuple(right[:, language] for language in range(languages)),
        possible=tuple(np.ones((1, 1, examples), np.float32) for _ in range(languages)),
        present=np.ones((2, languages, seeds), bool), flagged=np.zeros((2, languages, seeds), bool),
        zero_shot=np.ones(languages, bool), parallel=parallel,
    )  # fmt: skip

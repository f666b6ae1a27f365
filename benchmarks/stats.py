"""Statistics of the paper's full grid: 11 intermediates on 9 targets, in 40 languages with 3 seeds and 2,000 examples each.

    python benchmarks/stats.py
    python benchmarks/stats.py --languages 10 --resamples 1000

The scores are made up (right or wrong by chance); the time does not depend on them. Prints seconds and peak memory, panels
included. Rows: every language, target and group of each intermediate, and the averages over all targets.
"""

import argparse
import resource
import time

import numpy as np

from xstilts.stats import averages
from xstilts.stats.averages import Average, Member
from xstilts.stats.gains import gain_table
from xstilts.stats.panels import Panel

SCRIPTS = ("Latn", "Arab", "Cyrl", "Deva", "Hans")
PARALLEL = 4  # of the targets: XNLI, PAWS-X, XQuAD and the like


def main() -> None:
    """Make the grid, compute the table, print what it took."""
    arguments = _arguments()
    rng = np.random.default_rng(0)
    panels = [_panel(arguments, number, rng) for number in range(arguments.targets)]
    wanted = [
        *averages.languages(panels),
        *averages.targets(panels),
        *averages.groups(panels, lambda tag: tag[-4:]),
        Average("benchmark", "all", "", tuple(Member(panel, tuple(range(arguments.languages))) for panel in panels)),
    ]
    start = time.monotonic()
    table = gain_table(wanted, resamples=arguments.resamples)
    seconds = time.monotonic() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(table)} rows, {arguments.resamples} resamples: {seconds:.1f} s, peak memory {memory:.2f} GB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, size in (("intermediates", 11), ("targets", 9), ("languages", 40), ("seeds", 3), ("examples", 2000)):
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--resamples", type=int, default=10_000)
    return parser.parse_args()


def _panel(grid: argparse.Namespace, number: int, rng: np.random.Generator) -> Panel:
    shape = (grid.intermediates + 1, grid.seeds, grid.examples)
    present = np.ones((grid.intermediates + 1, grid.languages, grid.seeds), bool)
    return Panel(
        encoder="encoder", target=f"target {number}", variant="",
        intermediates=("baseline", *(f"intermediate {i}" for i in range(grid.intermediates))),
        languages=tuple(f"l{i:02}_{SCRIPTS[i % len(SCRIPTS)]}" for i in range(grid.languages)), seeds=tuple(range(grid.seeds)),
        right=tuple((rng.random(shape) < 0.7).astype(np.float32) for _ in range(grid.languages)),
        possible=tuple(np.ones((1, 1, grid.examples), np.float32) for _ in range(grid.languages)),
        present=present, flagged=~present, zero_shot=np.ones(grid.languages, bool), parallel=number < PARALLEL,
    )  # fmt: skip


if __name__ == "__main__":
    main()

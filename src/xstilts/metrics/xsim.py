"""xSIM: the share of sentences whose translation is not found by margin (NLLB Team, 2022; LASER's `source/xsim.py`)."""

from collections.abc import Hashable, Sequence

from xstilts.metrics.accuracy import accuracy


def xsim(gold: Sequence[Hashable], predicted: Sequence[tuple[Hashable, Hashable]]) -> dict[str, float]:
    """Return {"accuracy", "xsim"}, both in percent.

    `xsim` is LASER's error rate with its defaults: of each sentence the 4 nearest of the other language are candidates, the
    one with the greatest ratio margin (Artetxe and Schwenk, ACL 2019) is predicted, and the share of wrong predictions is
    the error. `accuracy` is the share of right predictions by the similarity that the study chose: with the margin it is
    100 - xsim.

    Args:
        gold: The sentence that is right, one an example.
        predicted: The sentence predicted by the study's similarity, and the one by margin.

    Raises:
        DataError: when there is nothing to score.
        ValueError: when the two differ in length.

    """
    chosen = accuracy(gold, [sentence for sentence, _ in predicted])
    wrong = sum(right != sentence for right, (_, sentence) in zip(gold, predicted, strict=True))
    return chosen | {"xsim": wrong / len(gold) * 100}

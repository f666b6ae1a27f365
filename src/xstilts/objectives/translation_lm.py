"""Translation LM (Conneau and Lample, 2019, 3.3): masked LM on a sentence and its translation in one input."""

from collections.abc import Sequence

from xstilts.objectives.masked_lm import FIRST_POSITION, Input


def pair(first: Sequence[int], second: Sequence[int], begin: int, end: int, *, restart: bool) -> Input:
    """Return the input of two lines: `<s> first </s> </s> second </s>`, as XLM-R's tokenizer joins pairs.

    With `restart` the positions of the second part count from the start again, its first `</s>` standing where `<s>` stands,
    so that a word and its translation have about the same position.
    """
    left, right = [begin, *first, end], [end, *second, end]
    start = FIRST_POSITION if restart else FIRST_POSITION + len(left)
    positions = [*range(FIRST_POSITION, FIRST_POSITION + len(left)), *range(start, start + len(right))]
    return Input(left + right, positions)


def cut_to(first: Sequence[int], second: Sequence[int], room: int) -> tuple[Sequence[int], Sequence[int]]:
    """Cut a pair that has more than `room` sub-tokens: each gives up in proportion to its length, and keeps at least one."""
    total = len(first) + len(second)
    if total <= room:
        return first, second
    kept = min(max(1, room * len(first) // total), room - 1)
    return first[:kept], second[: room - kept]

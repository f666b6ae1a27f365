from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xstilts.kinds import retrieval
from xstilts.kinds.retrieval import first_occurrences, mine, nearest, nearest_by_margin, prepare

K = 4  # neighbours of the margin, as XTREME has them for BUCC
Matrix = npt.NDArray[np.float64]


def vectors(count: int, width: int = 24, seed: int = 0) -> torch.Tensor:
    return prepare(torch.randn(count, width, generator=torch.Generator().manual_seed(seed)), centred=False)


def noisy(source: torch.Tensor, amount: float, seed: int = 9) -> torch.Tensor:
    """Return translations of some sort: vectors near those given."""
    noise = torch.randn(source.shape, generator=torch.Generator().manual_seed(seed))
    return prepare(source + amount * noise, centred=False)


def test_prepare_makes_length_one() -> None:
    raw = torch.tensor([[3.0, 4.0], [0.0, -2.0], [1e-3, 0.0]])
    expected = [[0.6, 0.8], [0.0, -1.0], [1.0, 0.0]]
    torch.testing.assert_close(prepare(raw, centred=False), torch.tensor(expected))


def test_prepare_centres_before_it_makes_length_one() -> None:
    raw = torch.randn(50, 8, generator=torch.Generator().manual_seed(1)) + 5
    plain = raw.double().numpy()
    plain = plain - plain.mean(0)
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    np.testing.assert_allclose(prepare(raw, centred=True).numpy(), plain, atol=1e-6)
    assert prepare(raw.to(torch.bfloat16), centred=True).dtype == torch.float32
    assert prepare(torch.zeros(2, 3), centred=False).isfinite().all()


@pytest.mark.parametrize("count", [1, 2, 7, 500])
def test_nearest_is_the_best_of_all(count: int) -> None:
    queries, index = vectors(60, seed=1), vectors(90, seed=2)
    similarity = queries.double().numpy() @ index.double().numpy().T
    expected = np.argsort(-similarity, axis=1, kind="stable")[:, :count]
    found = nearest(queries, index, count)
    assert found.index.shape == (60, min(count, 90))
    assert found.index.tolist() == expected.tolist()
    np.testing.assert_allclose(found.similarity, np.take_along_axis(similarity, expected, 1), atol=1e-6)


def test_the_lower_index_wins_a_tie() -> None:
    queries, index = torch.eye(3), torch.eye(3)[[2, 1, 1, 0, 1, 2]]
    assert nearest(queries, index).index[:, 0].tolist() == [3, 1, 0]
    assert nearest(queries, index, 4).index.tolist() == [[3, 0, 1, 2], [1, 2, 4, 0], [0, 5, 1, 2]]
    many = torch.eye(3)[torch.arange(900) % 3]
    assert nearest(queries, many, 300).index.tolist() == [list(range(first, 900, 3)) for first in range(3)]


@pytest.mark.parametrize("block", [1, 7, 64, 100])
@pytest.mark.parametrize("count", [1, 4])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, block: int, count: int) -> None:
    queries, index = vectors(64, seed=4), vectors(80, seed=5)
    expected = nearest(queries, index, count)
    monkeypatch.setattr(retrieval, "BLOCK", block)
    found = nearest(queries, index, count)
    assert torch.equal(found.index, expected.index)
    torch.testing.assert_close(found.similarity, expected.similarity, atol=1e-6, rtol=0)


def margins(x: Matrix, y: Matrix, k: int) -> Matrix:
    """Return the ratio margin of all pairs (Artetxe and Schwenk, 2019, equations 1 and 3), in float64."""
    cosine = np.array([[sum(a * b for a, b in zip(one, other, strict=True)) for other in y] for one in x])
    result = np.empty_like(cosine)
    for i in range(len(x)):
        for j in range(len(y)):
            of_x = sorted(cosine[i], reverse=True)[:k]
            of_y = sorted(cosine[:, j], reverse=True)[:k]
            result[i, j] = cosine[i, j] / (sum(of_x) / (2 * len(of_x)) + sum(of_y) / (2 * len(of_y)))
    return result


def among_nearest(x: Matrix, y: Matrix, k: int) -> tuple[list[int], list[float]]:
    """Return for each row of x the best margin among its k nearest rows of y."""
    margin, cosine = margins(x, y, k), x @ y.T
    chosen = []
    for i in range(len(x)):
        near = np.argsort(-cosine[i])[:k]
        chosen.append(int(near[np.argmax(margin[i, near])]))
    return chosen, [float(margin[i, j]) for i, j in enumerate(chosen)]


@pytest.mark.parametrize(("n", "m"), [(30, 40), (40, 30), (3, 2)])
def test_margin(n: int, m: int) -> None:
    queries, index = vectors(n, 6, seed=6), vectors(m, 6, seed=7)
    places, values = among_nearest(queries.double().numpy(), index.double().numpy(), K)
    found = nearest_by_margin(queries, index)
    assert found.index[:, 0].tolist() == places
    np.testing.assert_allclose(found.similarity[:, 0], values, rtol=1e-5)
    if n == 30:
        assert places != nearest(queries, index).index[:, 0].tolist(), "the margin decides nothing here"


def reference_mine(x: Matrix, y: Matrix, k: int) -> list[tuple[int, int]]:
    """Mine as LASER's and XTREME's scripts do with retrieval 'max' and the ratio margin, in plain float64."""
    forward, forward_margin = among_nearest(x, y, k)
    backward, backward_margin = among_nearest(y, x, k)
    candidates = [(m, i, j) for i, (j, m) in enumerate(zip(forward, forward_margin, strict=True))]
    candidates += [(m, i, j) for j, (i, m) in enumerate(zip(backward, backward_margin, strict=True))]
    seen_x, seen_y, mined = set(), set(), []
    for _, i, j in sorted(candidates, key=lambda one: -one[0]):
        if i not in seen_x and j not in seen_y:
            seen_x.add(i)
            seen_y.add(j)
            mined.append((i, j))
    return mined


@pytest.mark.parametrize("seed", range(4))
def test_mining_is_xtremes(seed: int) -> None:
    source = vectors(40, 8, seed=seed)
    foreign = torch.cat([noisy(source[:25], 0.3, seed + 50), vectors(10, 8, seed=seed + 100)])
    mined = mine(foreign, source)
    expected = reference_mine(foreign.double().numpy(), source.double().numpy(), K)
    assert [(i, j) for i, j, _ in mined] == expected
    assert len(mined) == len({i for i, _, _ in mined}) == len({j for _, j, _ in mined})
    found = [margin for _, _, margin in mined]
    assert found == sorted(found, reverse=True)
    table = margins(foreign.double().numpy(), source.double().numpy(), K)
    assert found == pytest.approx([table[i, j] for i, j, _ in mined], rel=1e-5)


def test_mining_finds_translations() -> None:
    source = vectors(50, 64, seed=8)
    order = torch.randperm(50, generator=torch.Generator().manual_seed(0))
    mined = mine(noisy(source, 0.02)[order], source)
    assert {(i, j) for i, j, _ in mined} == set(enumerate(order.tolist()))


@given(st.lists(st.sampled_from(["a", "b", "c", "d e"])))
def test_first_occurrences(sentences: list[str]) -> None:
    found: Any = first_occurrences(sentences)
    assert found == [sentences.index(sentence) for sentence in sentences]

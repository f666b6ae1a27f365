import itertools
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conftest import SHARED
from tiny_encoders import TEXT, write_byte_tokenizer
from xstilts.engine.batches import collate
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import Features, Prediction
from xstilts.kinds.span import ANSWER, MASKED, N_BEST, NO_ANSWER, QUESTION, STRIDE, decode, encode, gold, loss
from xstilts.task import Question

ENGLISH, ARABIC, CHINESE, THAI = TEXT[0], TEXT[5], TEXT[7], TEXT[8]
STRANGE = "  two  spaces\tand\u00a0more\u3000全角ＡＢＣ ﷺ (b). 🙂\u200b x" + "y" * 40


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> Any:
    return open_tokenizer(tiny_encoder)


@pytest.fixture(scope="module")
def byte_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("bytes")
    write_byte_tokenizer(folder)
    return open_tokenizer(folder)


def perfect_logits(features: Sequence[Features]) -> list[torch.Tensor]:
    """Return logits that say where a window's labels are, and of a window without the answer that it has none."""
    found = []
    for window in features:
        assert isinstance(window.labels, tuple)
        logits = torch.randn(len(window.ids), 2, generator=torch.Generator().manual_seed(len(found)))
        for column, position in enumerate(window.labels):
            logits[position, column] = 9.0
        found.append(logits)
    return found


def places(tokenizer: Any, context: str) -> list[tuple[int, int]]:
    """Return where the tokenizer's pieces of a text begin and end, spaces left out."""
    found = []
    for begin, end in tokenizer(context, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]:
        text = context[begin:end]
        if text.strip():
            found.append((begin + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())))
    return found


def touched(tokenizer: Any, context: str, begin: int, end: int) -> list[tuple[int, int]]:
    """Return the pieces of a text that an answer has a part of."""
    return [place for place in places(tokenizer, context) if place[1] > begin and place[0] < end]


def test_a_short_text_is_what_the_tokenizer_makes_of_the_pair(tokenizer: Any, byte_tokenizer: Any, encoder_of: Any) -> None:
    question = Question(ENGLISH, "Wer hat die Tür geöffnet?", ("river",), (4,))
    for one in (tokenizer, byte_tokenizer, open_tokenizer(encoder_of("bert"))):
        (window,) = encode([question], one, (), max_length=400)
        pair = one(question.question, question.context)
        assert window.ids == pair["input_ids"]
        assert window.types == pair.get("token_type_ids")
        assert window.window is not None
        assert window.window.context == ENGLISH
        assert pair.sequence_ids(0)[window.window.first :] == [1] * len(window.window.characters) + [None]
    assert window.types is not None


def test_labels_are_the_answers_first_and_last_piece(tokenizer: Any) -> None:
    question = Question(ENGLISH, "What is closed?", ("the bridge is", "bridge"), (28, 32))
    (window,) = encode([question], tokenizer, (), max_length=400)
    assert isinstance(window.labels, tuple)
    first, last = window.labels
    assert tokenizer.decode(window.ids[first : last + 1]) == "the bridge is"
    # an answer that begins or ends inside a piece takes the whole piece
    inside = Question(ENGLISH, "What?", (ENGLISH[30:37],), (30,))
    (window,) = encode([inside], tokenizer, (), max_length=400)
    (prediction,) = decode([window], perfect_logits([window]), ())
    assert inside.answers[0] in prediction.predicted


def test_without_an_answer_the_labels_are_the_first_position(tokenizer: Any) -> None:
    question = Question(ENGLISH, "What is closed?", (), ())
    windows = encode([question], tokenizer, (), max_length=30)
    assert [window.labels for window in windows] == [(NO_ANSWER, NO_ANSWER)] * len(windows)
    assert len(windows) > 1
    assert gold(question) == ()


CONTEXTS = {
    "English": ENGLISH,
    "Thai": THAI,
    "Chinese": CHINESE,
    "Arabic": ARABIC,
    "all": " ".join(TEXT),
    "long Chinese": CHINESE * 12,
    "long Thai": THAI * 12,
    "strange": STRANGE * 3,
}


@pytest.mark.parametrize("cut", ["metaspace", "bytes"])
@pytest.mark.parametrize("language", CONTEXTS)
@settings(max_examples=25)
@given(first=st.integers(0, 10_000), last=st.integers(0, ANSWER - 1), asked=st.integers(1, 9), max_length=st.integers(16, 400))
def test_perfect_logits_give_the_gold_answer(
    first: int, last: int, asked: int, max_length: int, language: str, cut: str, tokenizer: Any, byte_tokenizer: Any
) -> None:
    """To the character, and for texts that are many windows long."""
    one = tokenizer if cut == "metaspace" else byte_tokenizer
    context = CONTEXTS[language]
    pieces = places(one, context)
    first %= len(pieces)
    begin, end = pieces[first][0], pieces[min(first + last, len(pieces) - 1)][1]
    raw = one(context, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    held = min(ANSWER, (max_length - 4) // 4)  # what some window holds for sure
    while sum(e > begin and b < end for b, e in raw) > held:
        end = max((e for _, e in touched(one, context, begin, end) if e < end), default=begin)
    assume(begin < end)  # the many bytes of a character may be too many for a small window
    question = Question(context, "Who opened the door? " * asked, (context[begin:end],), (begin,))
    features = encode([question], one, (), max_length)
    assert all(len(window.ids) <= max_length for window in features)
    assert len(pieces) <= max_length or len(features) > 1
    (prediction,) = decode(features, perfect_logits(features), ())
    assert prediction.predicted == question.answers[0]


@settings(max_examples=60)
@given(repeat=st.integers(1, 25), words=st.integers(1, 120), max_length=st.integers(8, 400))
def test_windows_cover_the_text(repeat: int, words: int, max_length: int, tokenizer: Any) -> None:
    question = Question(" ".join(TEXT) * repeat, "who " * words, (), ())
    (whole,) = encode([question], tokenizer, (), max_length=100_000)
    assert whole.window is not None
    pieces = whole.ids[whole.window.first : -1]
    asked = min(len(tokenizer(question.question, add_special_tokens=False)["input_ids"]), QUESTION, (max_length - 4) // 2)
    room = max_length - 4 - asked
    features = encode([question], tokenizer, (), max_length)
    at = 0
    for window, following in itertools.zip_longest(features, features[1:]):
        assert window.window is not None
        assert window.window.first == asked + 3
        assert window.ids[1 : asked + 1] == whole.ids[1 : asked + 1]
        held = window.ids[window.window.first : -1]
        assert held == pieces[at : at + room], "a window is full, unless the text ends in it"
        assert torch.equal(window.window.characters, whole.window.characters[at : at + room])
        if following is None:
            assert at + len(held) == len(pieces)
        else:
            assert at + len(held) < len(pieces)
            at += STRIDE if room >= STRIDE + ANSWER else max(1, room // 2, room - ANSWER)


def test_the_papers_windows(tokenizer: Any) -> None:
    """Length 384, question of 64 pieces: a window begins 128 pieces after the one before."""
    question = Question("the " * 1000, "who " * 80, (), ())
    features = encode([question], tokenizer, (), max_length=384)
    begins = [int(window.window.characters[0, 0]) // 4 for window in features]  # type: ignore[union-attr]
    assert begins == list(range(0, 128 * len(begins), 128))
    room = 384 - 4 - QUESTION
    assert begins[-1] + room >= 1000 > begins[-2] + room


def best_by_hand(windows: Sequence[Features], logits: Sequence[torch.Tensor]) -> tuple[str, float, float]:
    """Return the answer, its score and the lowest score of no answer, span by span."""
    best, text, null = -1e30, "", 1e30
    for window, scores in zip(windows, logits, strict=True):
        assert window.window is not None
        start, end = scores[:, 0].tolist(), scores[:, 1].tolist()
        null = min(null, start[0] + end[0])
        for i, (begin, _) in enumerate(window.window.characters.tolist()):
            for j, (_, stop) in enumerate(window.window.characters.tolist()[i : i + 30], start=i):
                score = start[window.window.first + i] + end[window.window.first + j]
                if stop > begin and score > best:
                    best, text = score, window.window.context[begin:stop]
    return text, best, null


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), max_length=st.integers(12, 120), noise=st.floats(0.1, 30))
def test_the_best_answer_of_all_windows_is_found(seed: int, max_length: int, noise: float, tokenizer: Any) -> None:
    draw = torch.Generator().manual_seed(seed)
    questions = [Question(STRANGE + " ".join(TEXT[:n]), "who opened", (), ()) for n in (0, 1, 4)]
    features = encode(questions, tokenizer, (), max_length)
    logits = [noise * torch.randn(len(window.ids), 2, generator=draw) for window in features]
    for i, prediction in enumerate(decode(features, logits, ())):
        mine = [(window, scores) for window, scores in zip(features, logits, strict=True) if window.example == i]
        text, score, null = best_by_hand(*zip(*mine, strict=True))
        assert prediction.predicted == text
        assert prediction.null_difference == pytest.approx(null - score, abs=1e-4)
        assert 1 / N_BEST - 1e-6 <= prediction.probabilities[0] <= 1


def decoded(question: Question, tokenizer: Any, *high: tuple[int, int, float]) -> Prediction:
    """Return the prediction of a one-window question from (piece of the context, 0 start or 1 end, logit); others are 0."""
    (window,) = encode([question], tokenizer, (), max_length=400)
    assert window.window is not None
    logits = torch.zeros(len(window.ids), 2)
    for piece, column, value in high:
        logits[window.window.first + piece if piece >= 0 else 0, column] = value
    (prediction,) = decode([window], [logits], ())
    return prediction


def test_an_answer_neither_ends_before_it_begins_nor_is_long(tokenizer: Any) -> None:
    words = " ".join(f"the{i}" for i in range(60))
    question = Question(words, "who", (), ())
    pieces = places(tokenizer, words)
    backwards = decoded(question, tokenizer, (20, 0, 5.0), (10, 1, 4.0))
    assert backwards.predicted == words[pieces[20][0] : pieces[20][1]], "the end of the best begin that is first among equals"
    for end, found in ((20 + ANSWER - 1, True), (20 + ANSWER, False)):
        prediction = decoded(question, tokenizer, (20, 0, 5.0), (end, 1, 5.0))
        assert (prediction.predicted == words[pieces[20][0] : pieces[end][1]]) == found


def test_null_difference_and_probability(tokenizer: Any) -> None:
    question = Question("the d", "who", (), ())
    assert places(tokenizer, question.context) == [(0, 3), (4, 5)], "two pieces, three answers"
    prediction = decoded(question, tokenizer, (-1, 0, 1.5), (-1, 1, 2.0), (0, 0, 1.0), (1, 1, 3.0))
    assert prediction.predicted == question.context
    assert prediction.null_difference == pytest.approx(3.5 - 4.0)
    e = torch.tensor([4.0, 1.0, 3.0]).exp()  # both pieces, the first, the second
    assert prediction.probabilities == pytest.approx([float(e[0] / e.sum())])


def test_a_text_that_the_tokenizer_drops_has_no_answer(tokenizer: Any) -> None:
    questions = [Question("\u200b\u200b", "who", (), ()), Question("the door", "who", ("door",), (4,))]
    features = encode(questions, tokenizer, (), max_length=32)
    nothing, something = decode(features, perfect_logits(features), ())
    assert (nothing.predicted, something.predicted) == ("", "door")
    assert nothing.null_difference is not None
    assert something.null_difference is not None
    assert nothing.null_difference > 1e6
    assert something.null_difference < 0


def test_an_answer_that_the_tokenizer_drops_is_none(tokenizer: Any) -> None:
    (window,) = encode([Question("the \u200b door", "who", ("\u200b",), (4,))], tokenizer, (), max_length=32)
    assert window.labels == (NO_ANSWER, NO_ANSWER)


def test_padding_takes_no_part_in_the_loss() -> None:
    """The surprise at the first and last position among the input's own positions, summed over inputs."""
    windows = [Features([0, 7, 8, 2], None, (1, 2), 0), Features([0, 7, 8, 9, 9, 2], None, (0, 0), 0)]
    batch = collate([windows], "t", padding=1)
    assert batch.mask is not None
    logits = torch.randn(2, 6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    masked = logits.masked_fill(batch.mask[..., None] == 0, MASKED)
    expected = sum(
        -logits[i, : len(window.ids), column].log_softmax(0)[window.labels[column]]  # type: ignore[index]
        for i, window in enumerate(windows)
        for column in (0, 1)
    )
    assert loss(masked, batch).item() == pytest.approx(float(expected))
    assert batch.num_labels == 4


@pytest.mark.parametrize("language", ["en", "th", "zh", "ar"])
@pytest.mark.parametrize("max_length", [64, 384])
def test_real_questions(shared_mirror: Path, language: str, max_length: int) -> None:
    """A tokenizer in XLM-R's manner cannot mark an answer that ends inside a piece; all others come back as they were."""
    folder = SHARED / "encoders" / "nano"
    if not folder.is_dir():
        pytest.skip(f"no trained encoder at {folder}")
    tokenizer = open_tokenizer(folder)
    rows = pq.read_table(shared_mirror / "google--xquad" / f"xquad.{language}" / "validation.parquet").to_pylist()
    rows = random.Random(0).sample(rows, 150)
    questions = [
        Question(row["context"], row["question"], tuple(row["answers"]["text"]), tuple(row["answers"]["answer_start"]))
        for row in rows
    ]
    features = encode(questions, tokenizer, (), max_length)
    assert all(len(window.ids) <= max_length for window in features)
    predictions = decode(features, perfect_logits(features), ())
    assert len(predictions) == len(questions)
    right = 0
    for question, prediction in zip(questions, predictions, strict=True):
        answer, begin = question.answers[0], question.starts[0]
        pieces = touched(tokenizer, question.context, begin, begin + len(answer))
        if len(pieces) <= min(ANSWER, (max_length - 4) // 4):
            assert prediction.predicted == question.context[pieces[0][0] : pieces[-1][1]]
            assert answer.strip() in prediction.predicted
            right += prediction.predicted == answer
    assert right > 100


def test_nothing_to_encode(tokenizer: Any) -> None:
    assert encode([], tokenizer, (), max_length=16) == []
    assert decode([], [], ()) == []

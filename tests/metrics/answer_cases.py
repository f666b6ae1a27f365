"""Random questions with answers in many scripts; only `Random.random` is used, the one method equal in every Python."""

import hashlib
from random import Random

from hypothesis import strategies as st

WORDS = (
    "the", "The", "a", "an", "Broncos", "broncos", "308", "U.S.", "don't", "“Denver”", "¿qué?", "El", "la", "unos", "der",
    "Einem", "của", "là", "những", "الطرق", "ال", "بالبيت", "قال،", "؟", "คำตอบ", "ๆ", "136", "次", "擒杀", "电化电池", "、",
    "—", "-", "$5", "हिन्दी", "।", "Straße", "İ", "é", "x_y", "שלום", "\u200f", "\u00a0",
)  # fmt: skip
# what answers are made of: letters and marks of many scripts, punctuation, spaces
TEXTS = st.lists(st.sampled_from([*WORDS, *"abt.,;。？！؟،…«»–᠁ ", "\u3000", "\n"]), max_size=6).map("".join)
LANGUAGES = ("en", "es", "de", "vi", "ar", "hi", "zh")


def questions(count, unanswerable=0.0):
    """Yield (acceptable answers, predicted answers, null scores) of a few questions each."""
    random = Random(12)

    def pick(choices):
        return choices[int(random.random() * len(choices))]

    def text():
        return "".join(pick(("", " ", " ", "  ")) + pick(WORDS) for _ in range(pick(range(6))))

    for _ in range(count):
        number = pick(range(1, 8))
        gold = [tuple(text() for _ in range(pick((1, 1, 2, 3)))) for _ in range(number)]
        gold = [() if random.random() < unanswerable else answers for answers in gold]
        predicted = [
            pick(answers) + pick(("", "", "!", " the")) if answers and random.random() < 0.5 else text() for answers in gold
        ]
        yield gold, predicted, [random.random() for _ in gold]


def digest(values):
    """Return the SHA-256 of numbers, every digit of them."""
    return hashlib.sha256("\n".join(repr(float(value)) for value in values).encode()).hexdigest()

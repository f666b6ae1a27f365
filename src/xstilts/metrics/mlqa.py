"""MLQA: SQuAD's exact match and F1 with a normal form for each language (Lewis et al., ACL 2020).

The rules are those of `mlqa_evaluation_v1.py` in facebookresearch/MLQA, which XTREME uses for MLQA alone. Where they
surprise they are kept: of the script's two patterns for the Arabic article one can never match, and the other takes "ال"
out of the middle of words too; a Vietnamese "article" may be a classifier or "is". What is punctuation follows the
Unicode version of the Python that runs.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from xstilts.languages import resolve
from xstilts.metrics.squad import answer_scores

ARTICLES: Mapping[str, str] = {
    "eng_Latn": r"\b(a|an|the)\b",
    "spa_Latn": r"\b(un|una|unos|unas|el|la|los|las)\b",
    "deu_Latn": r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    "vie_Latn": r"\b(của|là|cái|chiếc|những)\b",
    "arb_Arab": "ال",
    "hin_Deva": "",  # no articles
    "zho_Hans": "",
}
_HAN = re.compile("([\u4e00-\u9fa5])")


def mlqa(gold: Sequence[Sequence[str]], predicted: Sequence[str | None], language: str) -> dict[str, float]:
    """Return f1 and exact_match in percent, as `xstilts.metrics.squad.squad` does.

    Args:
        gold: The acceptable answers of each question, at least one.
        predicted: The answer to each question; None, for a question that was left out, scores 0.
        language: Of the answers, in any spelling.

    Raises:
        DataError: when there is no question, or a question without an acceptable answer.
        LanguageError: when the language is not one of MLQA's.
        ValueError: when gold and predicted differ in length.

    """
    return answer_scores(gold, predicted, normaliser(language))


def normaliser(language: str) -> Callable[[str], str]:
    """Return `normalise` for a language in any spelling.

    Raises:
        LanguageError: when the language is not one of MLQA's.

    """
    return partial(normalise, language=resolve(language, ARTICLES))


def normalise(text: str, language: str) -> str:
    """Return an answer as it is compared: small letters, no punctuation of any script, no article, single spaces.

    In Chinese each character of the block U+4E00..U+9FA5 is a word of its own.

    Args:
        text: The answer.
        language: A canonical tag, one of ARTICLES.

    """
    kept = "".join(char for char in text.lower() if not _is_punctuation(char))
    if ARTICLES[language]:
        kept = re.sub(ARTICLES[language], " ", kept)
    return " ".join((_HAN.sub(r" \1 ", kept) if language == "zho_Hans" else kept).split())


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char).startswith("P") or char in string.punctuation

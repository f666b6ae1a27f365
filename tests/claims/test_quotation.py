"""Quotations in a text: to the letter, across line breaks and hyphens, nearly; and what is no quotation of it."""

from pathlib import Path

import pytest

from xstilts.claim_spec import Source
from xstilts.claims.quotation import find_quotation, grounding
from xstilts.errors import XstiltsError

TEXT = (
    "Abstract. We find that English inter-\nmediate-task training improves\n  zero-shot trans\u00adfer on the ﬁrst bench-\n"
    "mark. MNLI, SQuAD and HellaSwag achieve the best overall results, with gains of 8.2 points over \u201cXLM-R Large\u201d."
)


@pytest.mark.parametrize(
    ("quotation", "how", "starts"),
    [
        ("MNLI, SQuAD and HellaSwag", "exact", "MNLI"),
        ("intermediate-task training improves zero-shot transfer", "normalised", "inter-"),
        ("on the first benchmark", "normalised", "on the"),
        ('gains of 8.2 points over "XLM-R Large"', "normalised", "gains"),
        ("MNLI, SQuAD and HellaSwag achieve the best over-all result, with gains of 8.2 points", "fuzzy", "MNLI"),
    ],
)
def test_quotations_that_stand_there(quotation: str, how: str, starts: str) -> None:
    found = find_quotation(quotation, TEXT)
    assert found is not None
    assert found.how == how
    assert TEXT[found.offset :].startswith(starts)
    assert (found.likeness == 100) == (how != "fuzzy")


@pytest.mark.parametrize(
    "quotation",
    [
        "MNLI, SQuAD and HellaSwag achieve the best overall results, with gains of 3.2 points",  # another number
        "MNLI, SQuAD and HellaSwag achieve the best overall results, with gains of 8 points",
        "machine translation of the intermediate data does not help",
        TEXT + " And this is what the paper never says, at some length.",
        "\u00ad",
    ],
)
def test_what_is_no_quotation_of_it(quotation: str) -> None:
    assert find_quotation(quotation, TEXT) is None


def test_the_three_states(tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text(TEXT, encoding="utf-8")
    place = TEXT.index("MNLI")
    assert grounding(Source(document=paper, quotation="MNLI, SQuAD")) == f"grounded: exact, character {place}"
    assert grounding(Source(document=paper, quotation="no such words in it")) == "not grounded"
    assert grounding(Source(quotation="MNLI, SQuAD")) == "no document"
    assert grounding(Source(document=paper)) == "no document"
    paper.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(XstiltsError, match="cannot be read as UTF-8"):
        grounding(Source(document=paper, quotation="MNLI"))

import pytest

from xstilts.errors import LanguageError
from xstilts.tasks.codes import by_tag


def test_codes_of_a_data_set_become_tags_in_order():
    assert list(by_tag("sw English deu zho_Hans=zh").items()) == [
        ("swh_Latn", "sw"),
        ("eng_Latn", "English"),
        ("deu_Latn", "deu"),
        ("zho_Hans", "zh"),
    ]


def test_a_code_behind_a_tag_is_kept_as_the_data_set_writes_it():
    assert by_tag("zho_Hant=zh_TW")["zho_Hant"] == "zh_TW"


@pytest.mark.parametrize("codes", ["zh", "de xx", "nowhere=de"])
def test_ambiguous_and_unknown_codes_are_refused(codes):
    with pytest.raises(LanguageError):
        by_tag(codes)


def test_two_codes_of_one_language_are_refused():
    with pytest.raises(ValueError, match="'de' and 'ger' both mean deu_Latn"):
        by_tag("de ger")

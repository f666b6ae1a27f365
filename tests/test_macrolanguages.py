"""What each code of a macrolanguage, a collection or an ambiguous language means: one table, written by hand.

The macrolanguages are the 63 of ISO 639-3; what the table does not list is unknown and gets no guess.
"""

import pytest

from xstilts.errors import LanguageError
from xstilts.languages import all_languages, candidates, language, resolve
from xstilts.tasks import TASKS

# The codes (ISO 639-3, 639-1, 639-2/B) and what they mean; several tags: refused, and both are named.
TABLE = """
aka ak: aka_Latn
ara ar: arb_Arab
aym ay: ayr_Latn
aze az: azj_Latn
chm: mhr_Cyrl
din: dik_Latn
est et: est_Latn
fas fa per: pes_Arab
ful ff: fuv_Latn
grn gn: grn_Latn
hbs sh: bos_Latn hrv_Latn srp_Cyrl srp_Latn
kau kr knc: knc_Arab knc_Latn
kon kg: kon_Latn
kur ku: ckb_Arab kmr_Latn
lav lv: lvs_Latn
mlg mg: plt_Latn
mon mn: khk_Cyrl
msa ms may: zsm_Latn
nep ne: npi_Deva
nor no: nno_Latn nob_Latn
ori or: ory_Orya
orm om: gaz_Latn
pus ps: pbt_Arab
que qu: quy_Latn
san sa: san_Deva
sqi sq alb: als_Latn
srd sc: srd_Latn
swa sw: swh_Latn
tmh taq: taq_Latn taq_Tfng
uzb uz: uzn_Latn
yid yi ji: ydd_Hebr
zho zh chi cmn: zho_Hans zho_Hant
srp sr: srp_Cyrl srp_Latn
kas ks: kas_Arab kas_Deva
ace: ace_Arab ace_Latn
bjn: bjn_Arab bjn_Latn
min: min_Arab min_Latn
ber: ber_Latn
fil: tgl_Latn
in: ind_Latn
iw: heb_Hebr
mo mol: ron_Latn
"""
# macrolanguages of which the registry has no member
UNKNOWN = """
bal bik bnc bua cre cr del den doi gba gon grb hai hmn iku iu ipk ik jrb kln kok kom kv kpe lah luy man mwr oji oj raj rom
syr zap zha za zza
"""
MEANINGS = {
    code: tuple(tags.split())
    for line in TABLE.strip().splitlines()
    for codes, tags in [line.split(":")]
    for code in codes.split()
}
ISO_639_3_MACROLANGUAGES = """
aka ara aym aze bal bik bnc bua chm cre del den din doi est fas ful gba gon grb grn hai hbs hmn iku ipk jrb kau kln kok kom
kon kpe kur lah lav luy man mlg mon msa mwr nep nor oji ori orm pus que raj rom san sqi srd swa syr tmh uzb yid zap zha zho
zza
"""


def test_every_macrolanguage_stands_in_one_of_the_tables() -> None:
    listed = set(ISO_639_3_MACROLANGUAGES.split())
    assert len(listed) == 63
    assert listed <= set(MEANINGS) | set(UNKNOWN.split())
    assert not set(MEANINGS) & set(UNKNOWN.split())


@pytest.mark.parametrize(("code", "tags"), MEANINGS.items())
def test_a_code_means_what_the_table_says_or_is_refused_with_its_readings(code: str, tags: tuple[str, ...]) -> None:
    for spelling in (code, code.upper()):
        assert tuple(each.tag for each in candidates(spelling)) == tags
    if len(tags) == 1:
        assert language(code).tag == tags[0]
        return
    with pytest.raises(LanguageError) as raised:
        language(code)
    assert all(tag in str(raised.value) for tag in tags)
    for tag in tags:
        assert resolve(code, {tag, "eng_Latn"}) == tag


@pytest.mark.parametrize("code", UNKNOWN.split())
def test_a_macrolanguage_without_a_member_here_is_unknown(code: str) -> None:
    with pytest.raises(LanguageError, match=f"^unknown language '{code}'"):
        language(code)


@pytest.mark.parametrize("name", TASKS)
def test_every_code_that_a_task_writes_means_its_tag(name: str) -> None:
    task = TASKS[name]
    for tag, code in task.languages.items():
        local = {each.local for each in all_languages() if each.tag == tag}  # a constructed language's code means it here alone
        assert code in local or tag in {each.tag for each in candidates(code)}, code
        assert resolve(code, task.languages) == tag
        assert resolve(tag, task.languages) == tag

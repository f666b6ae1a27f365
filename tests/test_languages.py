"""The oracles here are lists written by hand: the published language lists, and what each code of them means."""

import gzip
import os
import re
import unicodedata
from collections import Counter
from dataclasses import FrozenInstanceError
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from xstilts.errors import LanguageError
from xstilts.languages import Language, all_languages, candidates, language, resolve

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[2] / "shared"))
MIRROR = SHARED / "data" / "mirror"
RAW = SHARED / "data" / "raw"


def words(text: str) -> list[str]:
    return text.split()


def pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in words(text))


FLORES_200 = words("""
ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab aka_Latn als_Latn amh_Ethi apc_Arab arb_Arab arb_Latn
ars_Arab ary_Arab arz_Arab asm_Beng ast_Latn awa_Deva ayr_Latn azb_Arab azj_Latn bak_Cyrl bam_Latn ban_Latn bel_Cyrl
bem_Latn ben_Beng bho_Deva bjn_Arab bjn_Latn bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn ceb_Latn ces_Latn cjk_Latn
ckb_Arab crh_Latn cym_Latn dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt ell_Grek eng_Latn epo_Latn est_Latn eus_Latn
ewe_Latn fao_Latn fij_Latn fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn gaz_Latn gla_Latn gle_Latn glg_Latn grn_Latn
guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva hrv_Latn hun_Latn hye_Armn ibo_Latn ilo_Latn ind_Latn isl_Latn
ita_Latn jav_Latn jpn_Jpan kab_Latn kac_Latn kam_Latn kan_Knda kas_Arab kas_Deva kat_Geor kaz_Cyrl kbp_Latn kea_Latn
khk_Cyrl khm_Khmr kik_Latn kin_Latn kir_Cyrl kmb_Latn kmr_Latn knc_Arab knc_Latn kon_Latn kor_Hang lao_Laoo lij_Latn
lim_Latn lin_Latn lit_Latn lmo_Latn ltg_Latn ltz_Latn lua_Latn lug_Latn luo_Latn lus_Latn lvs_Latn mag_Deva mai_Deva
mal_Mlym mar_Deva min_Arab min_Latn mkd_Cyrl mlt_Latn mni_Beng mos_Latn mri_Latn mya_Mymr nld_Latn nno_Latn nob_Latn
npi_Deva nso_Latn nus_Latn nya_Latn oci_Latn ory_Orya pag_Latn pan_Guru pap_Latn pbt_Arab pes_Arab plt_Latn pol_Latn
por_Latn prs_Arab quy_Latn ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Olck scn_Latn shn_Mymr sin_Sinh slk_Latn
slv_Latn smo_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn srd_Latn srp_Cyrl ssw_Latn sun_Latn swe_Latn swh_Latn
szl_Latn tam_Taml taq_Latn taq_Tfng tat_Cyrl tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi tpi_Latn tsn_Latn tso_Latn
tuk_Latn tum_Latn tur_Latn twi_Latn tzm_Tfng uig_Arab ukr_Cyrl umb_Latn urd_Arab uzn_Latn vec_Latn vie_Latn war_Latn
wol_Latn xho_Latn ydd_Hebr yor_Latn yue_Hant zho_Hans zho_Hant zsm_Latn zul_Latn
""")

XTREME = pairs("""
af:afr_Latn ar:arb_Arab bg:bul_Cyrl bn:ben_Beng de:deu_Latn el:ell_Grek en:eng_Latn es:spa_Latn et:est_Latn eu:eus_Latn
fa:pes_Arab fi:fin_Latn fr:fra_Latn he:heb_Hebr hi:hin_Deva hu:hun_Latn id:ind_Latn it:ita_Latn ja:jpn_Jpan jv:jav_Latn
ka:kat_Geor kk:kaz_Cyrl ko:kor_Hang ml:mal_Mlym mr:mar_Deva ms:zsm_Latn my:mya_Mymr nl:nld_Latn pt:por_Latn ru:rus_Cyrl
sw:swh_Latn ta:tam_Taml te:tel_Telu th:tha_Thai tl:tgl_Latn tr:tur_Latn ur:urd_Arab vi:vie_Latn yo:yor_Latn zh:zho_Hans
ht:hat_Latn qu:quy_Latn pl:pol_Latn uk:ukr_Cyrl az:azj_Latn lt:lit_Latn pa:pan_Guru gu:guj_Gujr ro:ron_Latn wo:wol_Latn
""")  # the last line is what XTREME-R adds
OTHER_ISO_639_1 = pairs("""
ak:aka am:amh as:asm ay:ayr ba:bak be:bel bm:bam bo:bod br:bre bs:bos ca:cat ch:cha cs:ces cy:cym da:dan dz:dzo ee:ewe
eo:epo ff:fuv fj:fij fo:fao fy:fry ga:gle gd:gla gl:glg gn:grn ha:hau hr:hrv hy:hye ia:ina ie:ile ig:ibo io:ido is:isl
kg:kon ki:kik km:khm kn:kan kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lv:lvs mg:plt mi:mri mk:mkd mn:khk
mt:mlt nb:nob ne:npi nn:nno ny:nya oc:oci om:gaz or:ory ps:pbt rn:run rw:kin sa:san sc:srd sd:snd sg:sag si:sin sk:slk
sl:slv sm:smo sn:sna so:som sq:als ss:ssw st:sot su:sun sv:swe tg:tgk ti:tir tk:tuk tn:tsn ts:tso tt:tat tw:twi ug:uig
uz:uzn xh:xho yi:ydd zu:zul
""")
# In Tatoeba's folders a code is the ISO 639-3 code of its tag, but for these.
TATOEBA_OTHER = pairs("ara:arb aze:azj cmn:zho kur:kmr mon:khk sqi:als uzb:uzn yid:ydd")
TATOEBA = words("""
afr amh ang ara arq arz ast awa aze bel ben ber bos bre bul cat cbk ceb ces cha cmn cor csb cym dan deu dsb dtp ell epo
est eus fao fin fra fry gla gle glg gsw heb hin hrv hsb hun hye ido ile ina ind isl ita jav jpn kab kat kaz khm kor kur
kzj lat lfn lit lvs mal mar max mhr mkd mon nds nld nno nob nov oci orv pam pes pms pol por ron rus slk slv spa sqi srp
swe swg swh tam tat tel tgl tha tuk tur tzl uig ukr urd uzb vie war wuu xho yid yue zsm
""")
SPELLINGS = pairs("""
zh-Hans:zho_Hans zh_hant:zho_Hant cmn_Hant:zho_Hant zh-CN:zho_Hans zh_TW:zho_Hant zh-yue:yue_Hant yue:yue_Hant
wuu:wuu_Hans sr-Latn:srp_Latn ku_Arab:ckb_Arab kur_Latn:kmr_Latn Bokmål:nob_Latn ara:arb_Arab ar_Latn:arb_Latn
arb:arb_Arab prs:prs_Arab fas:pes_Arab per:pes_Arab hin:hin_Deva hin_Latn:hin_Latn hi-Latn:hin_Latn ekk_Latn:est_Latn
fil:tgl_Latn lav:lvs_Latn swa:swh_Latn msa:zsm_Latn nep:npi_Deva mlg:plt_Latn gug:grn_Latn azb:azb_Arab iw:heb_Hebr
ori:ory_Orya BURMESE:mya_Mymr haitian-creole:hat_Latn lat:lat_Latn Latin:lat_Latn ber:ber_Latn kzj:kzj_Latn
""")

NORWEGIAN, SERBIAN = ("nno_Latn", "nob_Latn"), ("srp_Cyrl", "srp_Latn")
KURDISH, CHINESE = ("ckb_Arab", "kmr_Latn"), ("zho_Hans", "zho_Hant")
AMBIGUOUS = {
    **dict.fromkeys(("zh", "zho", "chi", "cmn", "Chinese", "Mandarin"), CHINESE),
    **dict.fromkeys(("no", "nor", "no_Latn", "nor_Latn", "Norwegian"), NORWEGIAN),
    **dict.fromkeys(("sr", "srp", "Serbian"), SERBIAN),
    **dict.fromkeys(("ku", "kur", "Kurdish"), KURDISH),
    **dict.fromkeys(("ks", "kas", "Kashmiri"), ("kas_Arab", "kas_Deva")),
    **dict.fromkeys(("kr", "kau", "knc", "Kanuri", "Central Kanuri"), ("knc_Arab", "knc_Latn")),
    **dict.fromkeys(("ace", "Acehnese"), ("ace_Arab", "ace_Latn")),
    **dict.fromkeys(("bjn", "Banjar"), ("bjn_Arab", "bjn_Latn")),
    **dict.fromkeys(("min", "Minangkabau"), ("min_Arab", "min_Latn")),
    **dict.fromkeys(("taq", "tmh", "Tamasheq"), ("taq_Latn", "taq_Tfng")),
    **dict.fromkeys(("hbs", "sh", "Serbo-Croatian"), ("bos_Latn", "hrv_Latn", *SERBIAN)),
    **dict.fromkeys(("hbs_Latn", "sh_Latn"), ("bos_Latn", "hrv_Latn", "srp_Latn")),
}

TAGS = [each.tag for each in all_languages()]


def tags(code: str) -> tuple[str, ...]:
    return tuple(each.tag for each in candidates(code))


def fold(spelling: str) -> str:
    return re.sub("[- ]", "_", spelling).casefold()


def message(code: str, among: set[str] | None = None) -> str:
    with pytest.raises(LanguageError) as raised:
        _ = language(code) if among is None else resolve(code, among)
    return str(raised.value)


def test_table_is_sorted_and_its_tags_and_names_are_unique_and_well_formed() -> None:
    assert sorted(set(TAGS)) == TAGS
    assert len({fold(each.name) for each in all_languages()}) == len(TAGS)
    for each in all_languages():
        assert re.fullmatch("[a-z]{3}_[A-Z][a-z]{3}", each.tag)
        assert re.fullmatch("([a-z]{2})?", each.iso639_1)
        assert each.name == each.name.strip() != ""
        assert len({fold(alias) for alias in each.aliases} - {fold(each.name)}) == len(each.aliases), each
    with pytest.raises(FrozenInstanceError):
        all_languages()[0].tag = "xxx_Latn"  # type: ignore[misc]


def test_every_tag_of_flores_200_and_sib_200_is_there() -> None:
    assert len(set(FLORES_200)) == 204
    assert {*FLORES_200, "nqo_Nkoo"} <= set(TAGS)


@pytest.mark.parametrize("each", all_languages(), ids=TAGS)
def test_every_spelling_of_a_language_names_it(each: Language) -> None:
    assert language(each.tag) == each
    two_letters = (each.iso639_1, f"{each.iso639_1}-{each.tag[4:]}") if each.iso639_1 else ()
    for spelling in (each.tag, each.name, *two_letters, *each.aliases):
        for spelled in (spelling, spelling.upper(), spelling.lower(), spelling.replace("_", "-"), f" {spelling}\n"):
            assert each in candidates(spelled), spelled
            assert resolve(spelled, {each.tag}) == each.tag


def test_exactly_the_listed_spellings_are_ambiguous() -> None:
    codes = {code for each in all_languages() for code in (each.tag[:3], each.iso639_1, *each.aliases) if code}
    spellings = {
        *codes,
        *(f"{code}_{each.tag[4:]}" for each in all_languages() for code in codes),
        *(each.name for each in all_languages()),
    }
    assert {fold(s): tags(s) for s in spellings if len(tags(s)) > 1} == {fold(s): t for s, t in AMBIGUOUS.items()}


@pytest.mark.parametrize("code", AMBIGUOUS)
def test_an_ambiguous_code_raises_and_names_its_readings(code: str) -> None:
    text = message(code)
    assert text.startswith(f"ambiguous language '{code}': it means ")
    for each in candidates(code):
        assert f"{each.tag} ({each.name})" in text
    assert "Write the tag" in text


def test_every_three_letter_code_of_a_tag_has_a_meaning() -> None:
    assert [tag for tag in TAGS if not tags(tag[:3])] == []


@pytest.mark.parametrize(("code", "tag"), XTREME.items())
def test_xtreme_codes(code: str, tag: str) -> None:
    assert tags(code) == (CHINESE if code == "zh" else (tag,))
    assert resolve(code, set(XTREME.values())) == tag
    assert next(each for each in all_languages() if each.tag == tag).iso639_1 == code


@pytest.mark.parametrize("code", TATOEBA)
def test_tatoeba_codes(code: str) -> None:
    found = tags(code)
    assert TATOEBA_OTHER.get(code, code) in {tag[:3] for tag in found}
    assert found == AMBIGUOUS.get(code, found[:1])


def test_two_letter_codes() -> None:
    assert {code: tags(code)[0][:3] for code in OTHER_ISO_639_1 if len(tags(code)) == 1} == OTHER_ISO_639_1
    ambiguous = {code for code in AMBIGUOUS if len(code) == 2} - {"no", "sh"}  # their rows have codes of their own
    assert {each.iso639_1 for each in all_languages()} == {"", *XTREME, *OTHER_ISO_639_1, *ambiguous}


@pytest.mark.parametrize(("spelling", "tag"), SPELLINGS.items())
def test_spellings_worth_a_look(spelling: str, tag: str) -> None:
    assert language(spelling).tag == tag


@pytest.mark.parametrize("spelling", ["", "und", "english_Latn", "zh_Cyrl", "en_US"])
def test_what_the_table_does_not_say_is_unknown(spelling: str) -> None:
    assert tags(spelling) == ()


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("SWAHILLI", "swh_Latn (Swahili)"),
        ("Englsh", "eng_Latn (English)"),
        ("tok pisn", "tpi_Latn (Tok Pisin)"),
        ("pt_BR", "por_Latn (Portuguese)"),
        ("swh_Latin", "swh_Latn (Swahili)"),
        ("zh_Latn", "zho_Hans (Chinese (Simplified)) or zho_Hant (Chinese (Traditional))"),
        ("norwegian bokmaal", "nob_Latn (Norwegian Bokmål)"),
        ("swahilli_Latn", "swh_Latn (Swahili)"),
    ],
)
def test_an_unknown_language_names_the_nearest(code: str, meant: str) -> None:
    text = message(code)
    assert text.startswith(f"unknown language '{code}'. Did you mean {meant}? Write a tag such as ")


@pytest.mark.parametrize("code", ["xyz_Latn", "qq", "fax", ""])
def test_a_code_that_is_near_to_no_language_gets_no_guess(code: str) -> None:
    assert message(code).startswith(f"unknown language '{code}'. Write a tag such as ")


def test_resolve_takes_the_one_reading_that_is_there() -> None:
    assert resolve("zh", {"eng_Latn", "zho_Hans"}) == "zho_Hans"
    assert resolve("zh", ("eng_Latn", "zho_Hant")) == "zho_Hant"
    assert resolve("NO", ["nob_Latn", "swe_Latn"]) == "nob_Latn"
    assert resolve("kur", frozenset(FLORES_200) - {"ckb_Arab"}) == "kmr_Latn"
    assert resolve("srp", FLORES_200) == "srp_Cyrl"


def test_resolve_refuses_several_readings_and_names_only_those_there() -> None:
    text = message("zh", {"zho_Hans", "zho_Hant", "eng_Latn"})
    assert text.startswith("ambiguous language 'zh': it means zho_Hans (Chinese (Simplified)) or zho_Hant ")
    assert "eng_Latn" not in text


def test_resolve_refuses_a_language_that_is_not_there() -> None:
    assert message("zu", {"eng_Latn", "srp_Cyrl"}) == (
        "language 'zu' is not available here: it means zul_Latn (Zulu). Allowed here: eng_Latn, srp_Cyrl. Write one of these."
    )
    assert "Allowed here: 202 languages." in message("zh", {*FLORES_200} - {*CHINESE})


@pytest.mark.parametrize(("code", "kin"), [("min_Latn", "min_Arab"), ("ckb", "kmr_Latn"), ("acm", None)])
def test_resolve_names_the_same_language_in_another_form(code: str, kin: str | None) -> None:
    text = message(code, {"apc_Arab", "min_Arab", "kmr_Latn"})
    assert re.findall(r"Did you mean (\w+) \(", text) == ([kin] if kin else [])


def test_resolve_names_the_nearest_of_those_there() -> None:
    assert message("swahilli", {"swh_Latn", "eng_Latn"}) == (
        "unknown language 'swahilli'. Did you mean swh_Latn (Swahili)? Allowed here: eng_Latn, swh_Latn. Write one of these."
    )
    assert "Did you mean spa_Latn (Spanish)?" in message("Danisch", {"spa_Latn", "zul_Latn"})
    assert "Did you mean zho_Hant (Chinese (Traditional))?" in message("zh_Latn", {"zho_Hant", "zul_Latn"})
    assert "Did you mean" not in message("swahilli", {"eng_Latn", "zul_Latn"})


# The first word of a letter's Unicode name, where it is not the ISO 15924 code but for what follows its fourth letter.
SCRIPTS = pairs("""
CJK:Hans/Hant/Jpan HIRAGANA:Jpan ARMENIAN:Armn CYRILLIC:Cyrl GREEK:Grek GUJARATI:Gujr GURMUKHI:Guru KANNADA:Knda
KHMER:Khmr LAO:Laoo LATIN:Latn MALAYALAM:Mlym MYANMAR:Mymr ORIYA:Orya TAMIL:Taml
""")


def scripts(text: str) -> set[str]:
    """Return the ISO 15924 codes of the script that most letters of a text are of."""
    counts = Counter(unicodedata.name(letter).split()[0] for letter in text if letter.isalpha())
    name = counts.most_common(1)[0][0]
    return set(SCRIPTS.get(name, name[:4].capitalize()).split("/"))


def folders(name: str) -> list[Path]:
    found = sorted((MIRROR / name).glob("*/"))
    if not found:
        pytest.skip(f"no mirror of {name} in {MIRROR}")
    return found


def test_the_mirrors_tatoeba_and_sib_200_are_known_and_of_the_tags_scripts() -> None:
    assert sorted(path.name.removesuffix("-eng") for path in folders("mteb--tatoeba-bitext-mining")) == TATOEBA
    for name, column in (("mteb--tatoeba-bitext-mining", "sentence1"), ("Davlan--sib200", "text")):
        for path in folders(name):
            code = path.name.removesuffix("-eng")
            text = " ".join(pq.read_table(path / "test.parquet", columns=[column])[column].to_pylist())
            assert scripts(text) & {tag[4:] for tag in tags(code)}, path
            assert name != "Davlan--sib200" or tags(code) == (code,)


@pytest.mark.parametrize("name", ["google--xtreme", "facebook--mlqa", "facebook--xnli", "unimelb-nlp--wikiann"])
def test_the_mirrors_configurations_are_known(name: str) -> None:
    for path in folders(name):
        assert tags(path.name.split(".")[-1]), path


def test_the_raw_texts_are_known_and_of_the_tags_scripts() -> None:
    paths = [path for path in sorted(RAW.glob("*/*.txt.gz")) if not path.name.startswith("vref.")]
    if not paths:
        pytest.skip(f"no raw texts in {RAW}")
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            text = file.read(20_000)
        assert scripts(text) & {tag[4:] for tag in tags(path.name.removesuffix(".txt.gz"))}, path

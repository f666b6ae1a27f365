"""FLORES-200: find each sentence's translation among 1,012, between any two of 205 languages (NLLB Team, 2022)."""

from xstilts.task import HubData, Row, Sentence, Task
from xstilts.tasks.codes import by_tag


def read_row(row: Row) -> Sentence:
    """Read one hub row, a sentence in one language; `row["id"]` is the same in all languages."""
    return Sentence(id=str(row["id"]), text=row["text"].strip())


TASK = Task(
    name="flores200",
    title="FLORES-200: find each sentence's translation among 1,012, between any two of 205 languages and scripts",
    version=1,
    kind="retrieval",
    labels=(),
    data=HubData(
        path="openlanguagedata/flores_plus",
        config="{code}",
        revision="5fec6c13f9e5a4db2f745d4ec0d7c9721ddc4f06",
        splits={"validation": "dev", "test": "devtest"},
    ),
    languages=by_tag(  # FLORES+ calls eleven of FLORES-200's languages otherwise
        "ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab=apc_Arab_sout3123 aka_Latn=twi_Latn_akua1239 "
        "als_Latn amh_Ethi apc_Arab=apc_Arab_nort3139 arb_Arab arb_Latn ars_Arab ary_Arab arz_Arab asm_Beng ast_Latn "
        "awa_Deva ayr_Latn azb_Arab azj_Latn bak_Cyrl bam_Latn ban_Latn bel_Cyrl bem_Latn ben_Beng bho_Deva bjn_Arab "
        "bjn_Latn bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn ceb_Latn ces_Latn cjk_Latn ckb_Arab crh_Latn cym_Latn "
        "dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt ell_Grek eng_Latn epo_Latn est_Latn=ekk_Latn eus_Latn ewe_Latn "
        "fao_Latn fij_Latn fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn gaz_Latn gla_Latn gle_Latn glg_Latn "
        "grn_Latn=gug_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva hrv_Latn hun_Latn hye_Armn ibo_Latn "
        "ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan kab_Latn kac_Latn kam_Latn kan_Knda kas_Arab kas_Deva "
        "kat_Geor kaz_Cyrl kbp_Latn kea_Latn khk_Cyrl khm_Khmr kik_Latn kin_Latn kir_Cyrl kmb_Latn kmr_Latn knc_Arab "
        "knc_Latn kon_Latn=ktu_Latn kor_Hang lao_Laoo lij_Latn lim_Latn lin_Latn lit_Latn lmo_Latn ltg_Latn ltz_Latn "
        "lua_Latn lug_Latn luo_Latn lus_Latn lvs_Latn mag_Deva mai_Deva mal_Mlym mar_Deva min_Arab min_Latn mkd_Cyrl "
        "mlt_Latn mni_Beng mos_Latn mri_Latn mya_Mymr nld_Latn nno_Latn nob_Latn npi_Deva nqo_Nkoo nso_Latn nus_Latn "
        "nya_Latn oci_Latn ory_Orya pag_Latn pan_Guru pap_Latn pbt_Arab pes_Arab plt_Latn pol_Latn por_Latn prs_Arab "
        "quy_Latn ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Olck scn_Latn shn_Mymr sin_Sinh slk_Latn slv_Latn "
        "smo_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn srd_Latn srp_Cyrl ssw_Latn sun_Latn swe_Latn swh_Latn "
        "szl_Latn tam_Taml taq_Latn taq_Tfng tat_Cyrl tel_Telu tgk_Cyrl tgl_Latn=fil_Latn tha_Thai tir_Ethi tpi_Latn "
        "tsn_Latn tso_Latn tuk_Latn tum_Latn tur_Latn twi_Latn=twi_Latn_asan1239 tzm_Tfng=zgh_Tfng uig_Arab ukr_Cyrl "
        "umb_Latn urd_Arab uzn_Latn vec_Latn vie_Latn war_Latn wol_Latn xho_Latn ydd_Hebr yor_Latn yue_Hant "
        "zho_Hans=cmn_Hans zho_Hant=cmn_Hant zsm_Latn zul_Latn"
    ),
    metric="xsim",
    read_row=read_row,
    multiway=True,
    parallel=True,
    sizes={"validation": 997, "test": 1_012},
    characters=130,
    licence="CC BY-SA 4.0",
    citation=(
        "NLLB Team and others, No Language Left Behind: Scaling Human-Centered Machine Translation, 2022; Goyal and others, "
        "The FLORES-101 Evaluation Benchmark for Low-Resource and Multilingual Machine Translation, TACL 2022"
    ),
    traps=(
        "No training data: sentences are compared as the encoder embeds them, so layer and pooling belong to the score. A "
        "score is of a pair of languages; `retrieval.partners` says which, by default each language with the source "
        "language. Gated: accept the conditions on its page. FLORES+ goes on where FLORES-200 ended and corrects it, so "
        "scores on the two compare only where a language is unchanged; its further languages are not here. N'Ko is not of "
        "FLORES-200's 204, Central Atlas Tamazight is Standard Moroccan Tamazight now. SIB-200 and Belebele are made of the "
        "same sentences."
    ),
)

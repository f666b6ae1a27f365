"""SIB-200: topics of sentences in 205 languages and scripts (Adelani et al., EACL 2024)."""

from xstilts.task import HubData, LabelledText, Row, Task
from xstilts.tasks.codes import by_tag

LABELS = ("science/technology", "travel", "politics", "sports", "health", "entertainment", "geography")


def read_row(row: Row) -> LabelledText:
    """Read one hub row; `row["category"]` is a name out of LABELS."""
    return LabelledText(first=row["text"], label=row["category"])


TASK = Task(
    name="sib200",
    title="SIB-200: topics of sentences in 205 languages and scripts",
    version=1,
    kind="classification",
    labels=LABELS,
    data=HubData(path="Davlan/sib200", config="{code}", revision="38977a667f6fc264d5c26ec57a01e16db040b358"),
    languages=by_tag(  # as on the hub, whose codes are our tags
        "ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab aka_Latn als_Latn amh_Ethi apc_Arab arb_Arab "
        "arb_Latn ars_Arab ary_Arab arz_Arab asm_Beng ast_Latn awa_Deva ayr_Latn azb_Arab azj_Latn bak_Cyrl bam_Latn "
        "ban_Latn bel_Cyrl bem_Latn ben_Beng bho_Deva bjn_Arab bjn_Latn bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn "
        "ceb_Latn ces_Latn cjk_Latn ckb_Arab crh_Latn cym_Latn dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt ell_Grek "
        "eng_Latn epo_Latn est_Latn eus_Latn ewe_Latn fao_Latn fij_Latn fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn "
        "gaz_Latn gla_Latn gle_Latn glg_Latn grn_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva hrv_Latn "
        "hun_Latn hye_Armn ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan kab_Latn kac_Latn kam_Latn "
        "kan_Knda kas_Arab kas_Deva kat_Geor kaz_Cyrl kbp_Latn kea_Latn khk_Cyrl khm_Khmr kik_Latn kin_Latn kir_Cyrl "
        "kmb_Latn kmr_Latn knc_Arab knc_Latn kon_Latn kor_Hang lao_Laoo lij_Latn lim_Latn lin_Latn lit_Latn lmo_Latn "
        "ltg_Latn ltz_Latn lua_Latn lug_Latn luo_Latn lus_Latn lvs_Latn mag_Deva mai_Deva mal_Mlym mar_Deva min_Arab "
        "min_Latn mkd_Cyrl mlt_Latn mni_Beng mos_Latn mri_Latn mya_Mymr nld_Latn nno_Latn nob_Latn npi_Deva nqo_Nkoo "
        "nso_Latn nus_Latn nya_Latn oci_Latn ory_Orya pag_Latn pan_Guru pap_Latn pbt_Arab pes_Arab plt_Latn pol_Latn "
        "por_Latn prs_Arab quy_Latn ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Olck scn_Latn shn_Mymr sin_Sinh "
        "slk_Latn slv_Latn smo_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn srd_Latn srp_Cyrl ssw_Latn sun_Latn "
        "swe_Latn swh_Latn szl_Latn tam_Taml taq_Latn taq_Tfng tat_Cyrl tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi "
        "tpi_Latn tsn_Latn tso_Latn tuk_Latn tum_Latn tur_Latn twi_Latn tzm_Tfng uig_Arab ukr_Cyrl umb_Latn urd_Arab "
        "uzn_Latn vec_Latn vie_Latn war_Latn wol_Latn xho_Latn ydd_Hebr yor_Latn yue_Hant zho_Hans zho_Hant zsm_Latn "
        "zul_Latn"
    ),
    metric="accuracy",
    read_row=read_row,
    parallel=True,
    sizes={"train": 701, "validation": 99, "test": 204},
    characters=131,
    licence="CC BY-SA 4.0",
    citation=(
        "Adelani, Liu, Shen, Vassilyev, Alabi, Mao, Gao and Lee, SIB-200: A Simple, Inclusive, and Big Evaluation "
        "Dataset for Topic Classification in 200+ Languages and Dialects, EACL 2024"
    ),
    traps=(
        "The sentences are those of FLORES-200, so it is not unseen data beside Belebele or FLORES. 204 test "
        "sentences: one is worth half a point. The hub holds tab-separated files in which quotes are plain text (a "
        "reader that honours them loses rows); their dev.tsv is the validation split. mteb's first versions have 197 "
        "of the 205."
    ),
)

"""Belebele: questions about FLORES-200 passages in 122 languages and scripts, four answers each (Bandarkar et al., 2024)."""

from xstilts.task import Choices, HubData, Row, Task, position
from xstilts.tasks.codes import by_tag

NUMBERS = ("1", "2", "3", "4")  # `correct_answer_num` is text on the hub


def read_row(row: Row) -> Choices:
    """Read one hub row; `row["correct_answer_num"]` is one of NUMBERS."""
    options = tuple(row[f"mc_answer{number}"] for number in NUMBERS)
    return Choices(f"{row['flores_passage']} {row['question']}", options, position(NUMBERS, row["correct_answer_num"]))


TASK = Task(
    name="belebele",
    title="Belebele: questions about FLORES-200 passages, four answers each, in 122 languages and scripts",
    version=1,
    kind="multiple_choice",
    labels=(),
    data=HubData(
        path="facebook/belebele",
        config="{code}",
        revision="7899cdfa4e1e0d733fd77c848e2c273cb1d32be2",
        splits={"test": "test"},
    ),
    languages=by_tag(  # as on the hub, whose codes are our tags
        "acm_Arab afr_Latn als_Latn amh_Ethi apc_Arab arb_Arab arb_Latn ars_Arab ary_Arab arz_Arab asm_Beng azj_Latn "
        "bam_Latn ben_Beng ben_Latn bod_Tibt bul_Cyrl cat_Latn ceb_Latn ces_Latn ckb_Arab dan_Latn deu_Latn ell_Grek "
        "eng_Latn est_Latn eus_Latn fin_Latn fra_Latn fuv_Latn gaz_Latn grn_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr "
        "hin_Deva hin_Latn hrv_Latn hun_Latn hye_Armn ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan "
        "kac_Latn kan_Knda kat_Geor kaz_Cyrl kea_Latn khk_Cyrl khm_Khmr kin_Latn kir_Cyrl kor_Hang lao_Laoo lin_Latn "
        "lit_Latn lug_Latn luo_Latn lvs_Latn mal_Mlym mar_Deva mkd_Cyrl mlt_Latn mri_Latn mya_Mymr nld_Latn nob_Latn "
        "npi_Deva npi_Latn nso_Latn nya_Latn ory_Orya pan_Guru pbt_Arab pes_Arab plt_Latn pol_Latn por_Latn ron_Latn "
        "rus_Cyrl shn_Mymr sin_Latn sin_Sinh slk_Latn slv_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn srp_Cyrl "
        "ssw_Latn sun_Latn swe_Latn swh_Latn tam_Taml tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi tsn_Latn tso_Latn "
        "tur_Latn ukr_Cyrl urd_Arab urd_Latn uzn_Latn vie_Latn war_Latn wol_Latn xho_Latn yor_Latn zho_Hans zho_Hant "
        "zsm_Latn zul_Latn"
    ),
    metric="accuracy",
    read_row=read_row,
    train_from="cosmosqa",
    sizes={"test": 900},
    characters=2_300,
    licence="CC BY-SA 4.0",
    citation=(
        "Bandarkar, Liang, Muller, Artetxe, Shukla, Husa, Goyal, Krishnan, Zettlemoyer and Khabsa, The Belebele Benchmark: a "
        "Parallel Reading Comprehension Dataset in 122 Language Variants, ACL 2024"
    ),
    traps=(
        "It has no training data of its own. Here it is trained on Cosmos QA, which has the same form (a passage, a question, "
        "four answers); the paper trains on a collection of other English data sets, so the numbers do not compare. The "
        "passages are those of FLORES-200: not unseen data beside SIB-200 or FLORES. In older revisions the languages are "
        "splits of one configuration. 900 questions about 488 passages: an interval over questions is too narrow."
    ),
)

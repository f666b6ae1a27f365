"""Which languages an encoder was pretrained on: as the study declares it, as is published, as its own folder says."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from xstilts.constructed.language import ISO_15924, declared_tag
from xstilts.errors import unknown
from xstilts.languages import all_languages, candidates
from xstilts.spec import Encoder

# Conneau et al. (ACL 2020), CC-100; the list of 100 in fairseq, examples/xlmr/README.md. "Kurdish" is Kurmanji, Norwegian of
# either kind; Burmese in Zawgyi's encoding is a hundredth entry but no further language.
XLM_R = (
    "af sq am ar hy as az eu be bn bn_Latn bs br bg my my_zawgyi ca zh_Hans zh_Hant hr cs da nl en eo et tl fi fr gl ka de el "
    "gu ha he hi hi_Latn hu is id ga it ja jv kn kk km ko kmr_Latn ky lo la lv lt mk mg ms ml mr mn ne no or om ps fa pl pt pa "
    "ro ru sa gd sr sd si sk sl so es su sw sv ta ta_Latn te te_Latn th tr uk ur ur_Latn ug uz vi cy fy xh yi"
)
# Devlin et al. (NAACL 2019), the largest Wikipedias; the list of 102 in google-research/bert, multilingual.md. The cased model
# has Thai and Mongolian too. `sh` (Serbo-Croatian) is Bosnian, Croatian and Serbian here, the Minangkabau is in Latin script.
MBERT = (
    "af sq ar an hy ast az ba eu bar be bn bpy bs br bg my ca ceb ce zh_Hans zh_Hant cv hr cs da nl en et fi fr gl ka de el gu "
    "ht he hi hu is io id ga it ja jv kn kk ky ko la lv lt lmo nds lb mk mg ms ml mr min_Latn ne new nb nn oc fa pms pl pt pa "
    "ro ru sco sr sh scn sk sl azb es su sw sv tl tg ta tt te tr uk ur uz vi vo war cy fy pnb yo"
)
PUBLISHED: Mapping[str, str] = MappingProxyType(  # hub id -> languages, in spellings of ours; those we have no tag of count too
    {
        "FacebookAI/xlm-roberta-base": XLM_R,
        "FacebookAI/xlm-roberta-large": XLM_R,
        "google-bert/bert-base-multilingual-cased": f"{MBERT} th mn",
        "google-bert/bert-base-multilingual-uncased": MBERT,
    }
)


def pretraining_languages(encoder: Encoder) -> frozenset[str] | None:
    """Return the canonical tags of the languages that an encoder was pretrained on; None where nothing is known.

    The study's own list goes first, then the published one of the hub id, then what `xstilts pretrain` wrote of a folder:
    the languages of its corpus. An encoder that went on from another one has that one's languages too, which nobody
    wrote down: nothing is known of it.
    """
    if encoder.pretraining_languages:
        return frozenset(encoder.pretraining_languages)
    if encoder.hub is not None and encoder.hub in PUBLISHED:
        return frozenset(readings(PUBLISHED[encoder.hub].split()))
    return _of_folder(encoder.path) if encoder.path else None


def readings(codes: Iterable[str]) -> list[str]:
    """Return every tag that one of the spellings may mean: `zh` is Chinese in both scripts, and text was in either."""
    return list(dict.fromkeys(tag for code in codes for tag in _readings(code)))


def misspelt(code: str) -> str | None:
    """Return what is wrong with a spelling that means no language, None where it means one."""
    if _readings(code):
        return None
    names = {each.tag for each in all_languages()} | {each.name for each in all_languages()}
    return unknown("language", code, names, hint="Write a tag such as 'swh_Latn', a code such as 'sw', or an English name.")


def _readings(code: str) -> list[str]:
    return [each.tag for each in candidates(code)] or _local(code)


def _local(code: str) -> list[str]:
    """Return the constructed language that a code means in text that was generated."""
    return [each.tag for each in all_languages() if each.local == code]


def _declared(code: str) -> list[str]:
    """Return a language that a family file declares, in every script: in which one it was, a pretraining does not say."""
    return [declared_tag(code, script) for script in ISO_15924]


def _of_folder(folder: Path) -> frozenset[str] | None:
    """Return the languages of the corpus that `stage.json` of a pretraining names."""
    try:
        stage = json.loads((folder / "stage.json").read_bytes())["stage"]
        if stage["stage"] != "pretrain" or "size" not in stage["start"]:
            return None
        parts = stage["corpus"]["folders"]
        found = {tag for part in parts for name in part.get("files", ()) for tag in _readings(name)}
        made = (name for part in parts for name in part.get("languages", ()))
        found |= {tag for name in made for tag in _local(name) or _readings(name) or _declared(name)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # somebody else's folder
        return None
    return frozenset(found) or None

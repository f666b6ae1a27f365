"""CCGbank (LDC2005T13) as words with supertags: the reader of its AUTO files, and the import into a mirror.

An AUTO file has two lines a sentence, its id and its derivation. A node of a derivation is `(<T category head children>
... )`, a leaf `(<L category modified-tag original-tag word predicate-argument-category>)`; the leaf's category is the word's
supertag. Words stay as in the release (`-LRB-` for a bracket). Source: the manual of the release, section D.2.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from xstilts.errors import DataError
from xstilts.task import Split, TaggedWords

DATASET = "local/ccg"
# the sections of Phang et al. 2020, not those of CCG parsing (02-21, 00, 23)
SECTIONS: Mapping[Split, range] = MappingProxyType({"train": range(19), "validation": range(19, 22), "test": range(22, 25)})
PUBLISHED_SENTENCES, PUBLISHED_SUPERTAGS = 38_015, 1_363  # of the training split
_ID = re.compile(r"ID=\S+ PARSER=\S+ NUMPARSE=1")
_HOW = "The folder is the release LDC2005T13 with data/AUTO/00 ... data/AUTO/24, each holding wsj_XXXX.auto."


@dataclass(frozen=True)
class Imported:
    """What an import wrote: sentences a split, supertags of the training split, and how they differ from the published."""

    sentences: Mapping[Split, int]
    supertags: int
    differences: tuple[str, ...]


def import_ccgbank(folder: Path, mirror: Path) -> Imported:
    """Read a copy of CCGbank and write it into a mirror as `local/ccg`, its three splits with checksums.

    Args:
        folder: the unpacked release, its `data`, or its `data/AUTO`.
        mirror: a mirror folder, made where there is none; its other data sets stay as they are.

    Raises:
        DataError: when the folder is not CCGbank, a section is missing, a file is malformed, or the mirror is malformed or
            cannot be written. Nothing is written unless all could be read.

    """
    splits = read_ccgbank(folder)
    supertags = len({tag for sentence in splits["train"] for tag in sentence.tags or ()})
    found = len(splits["train"])
    deviation = "" if found == PUBLISHED_SENTENCES else f"{found:,} training sentences, the paper has {PUBLISHED_SENTENCES:,}"
    other_tags = f"{supertags:,} supertags in training, the paper has {PUBLISHED_SUPERTAGS:,}"
    _write(splits, mirror, deviation)
    return Imported(
        sentences={split: len(sentences) for split, sentences in splits.items()},
        supertags=supertags,
        differences=tuple(filter(None, [deviation, other_tags if supertags != PUBLISHED_SUPERTAGS else ""])),
    )


def read_ccgbank(folder: Path) -> dict[Split, list[TaggedWords]]:
    """Return the sentences of each split, in the order of sections, files and sentences.

    Raises:
        DataError: when the folder is not CCGbank, a section is missing or a file is malformed.

    """
    auto = next((each for each in (folder / "data/AUTO", folder / "AUTO", folder) if (each / "00").is_dir()), None)
    if auto is None:
        raise DataError(f"{folder} is not CCGbank: neither it nor its data/AUTO has the sections 00 to 24. {_HOW}")
    files = {number: sorted((auto / f"{number:02}").glob("*.auto")) for sections in SECTIONS.values() for number in sections}
    missing = [f"{number:02}" for number, found in files.items() if not found]
    if missing:
        raise DataError(
            f"{auto}: no .auto files in section {', '.join(missing)}; expected 00 to 24. {_HOW} Copy the missing ones."
        )
    return {
        split: [sentence for number in sections for file in files[number] for sentence in read_auto(file)]
        for split, sections in SECTIONS.items()
    }


def read_auto(path: Path) -> Iterator[TaggedWords]:
    """Yield the sentences of one AUTO file as words with supertags.

    Raises:
        DataError: when the file is unreadable, empty or malformed; it names the line.

    """
    try:
        lines = path.read_text(encoding="utf-8").rstrip().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error}). Expected text: copy the file again.") from error
    if lines == [""]:
        raise DataError(f"{path} is empty; expected two lines a sentence. Copy the file again.")
    for number in range(0, len(lines), 2):
        if not _ID.fullmatch(lines[number].strip()):
            raise _malformed(path, number, f"has {_shown(lines[number])}; expected `ID=wsj_0001.1 PARSER=GOLD NUMPARSE=1`")
        if number + 1 == len(lines):
            raise _malformed(path, number, "is the last line; expected a derivation after it")
        try:
            yield _sentence(lines[number + 1].split())
        except _DerivationError as error:
            raise _malformed(path, number + 1, str(error)) from error


class _DerivationError(ValueError):
    """A derivation that is malformed; the caller adds file and line."""


def _sentence(parts: Sequence[str]) -> TaggedWords:
    """Read a derivation that was cut at spaces: neither categories nor words hold any."""
    words: list[str] = []
    tags: list[str] = []
    open_nodes: list[list[int]] = []  # children announced, children found
    at = 0
    while at < len(parts):
        if at > 0 and not open_nodes:
            raise _DerivationError(f"goes on with {_shown(parts[at])} after its last closing bracket; expected one tree")
        if parts[at] == ")":
            if not open_nodes:
                raise _DerivationError("closes a node before it opens one")
            announced, found = open_nodes.pop()
            if announced != found:
                raise _DerivationError(f"has a node that announces {announced} children and has {found}")
            at += 1
            continue
        if open_nodes:
            open_nodes[-1][1] += 1
        if parts[at] == "(<L":
            word, tag = _leaf(parts[at + 1 : at + 6])
            words.append(word)
            tags.append(tag)
            at += 6
        elif parts[at] == "(<T":
            open_nodes.append([_children(parts[at + 1 : at + 4]), 0])
            at += 4
        else:
            raise _DerivationError(f"has {_shown(parts[at])} at part {at + 1}; expected `(<T`, `(<L` or `)`")
    if open_nodes:
        raise _DerivationError(f"lacks {len(open_nodes)} closing brackets at its end")
    if not words:
        raise _DerivationError("has no words; expected at least one leaf")
    return TaggedWords(tuple(words), tuple(tags))


def _leaf(fields: Sequence[str]) -> tuple[str, str]:
    ends = next((i for i, field in enumerate(fields) if field.endswith(">)")), None)
    if ends != 4:
        count = (len(fields) if ends is None else ends + 1) + 1
        raise _DerivationError(
            f"has a leaf `(<L {' '.join(fields)[:60]}` that does not end with its field 6 (it has {count}); expected "
            "`(<L category tag tag word category>)`"
        )
    return fields[3], fields[0]


def _children(fields: Sequence[str]) -> int:
    if len(fields) < 3 or not re.fullmatch(r"[1-9]>", fields[2]):
        raise _DerivationError(f"has a node `(<T {' '.join(fields)[:60]}`; expected `(<T category head children>`")
    return int(fields[2][0])


def _malformed(path: Path, index: int, what: str) -> DataError:
    return DataError(f"{path}, line {index + 1} {what}. Copy the file again from the release.")


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}..."


def _write(splits: Mapping[Split, Sequence[TaggedWords]], mirror: Path, deviation: str) -> None:
    from xstilts.data.mirror import ListedDataset
    from xstilts.data.mirror_writing import writing_to

    about = ListedDataset(files={}, licence="LDC User Agreement", source="LDC2005T13")
    with writing_to(mirror) as writer:
        for split, sentences in splits.items():
            name = f"default/{split}"
            differs = {name: deviation} if deviation and split == "train" else {}
            try:
                writer.add(DATASET, name, partial(_make, sentences), about.model_copy(update={"deviation": differs}), None)
            except OSError as error:
                raise DataError(f"{mirror}: cannot be written ({error}). Choose another folder, or make room.") from error


def _make(sentences: Sequence[TaggedWords], place: Path) -> int:
    """Write sentences as Parquet; returns their number."""
    import pyarrow
    from pyarrow import parquet

    words = [list(sentence.words) for sentence in sentences]
    tags = [list(sentence.tags or ()) for sentence in sentences]
    parquet.write_table(pyarrow.table({"tokens": words, "ccg_tags": tags}), place)
    return len(sentences)

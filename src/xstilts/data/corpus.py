"""Raw text for pretraining: folders of `<language>.txt[.gz]`, line-parallel or not, and the lines kept for measuring."""

import gzip
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from xstilts.data.order import shuffled
from xstilts.digests import sha256
from xstilts.errors import DataError

READER = 1  # in every key; raise it when the same files are read as other lines
ENDINGS = (".txt", ".txt.gz")


class Texts(Protocol):
    """Raw text in several languages; `parallel` says whether the same line of each is the same sentence."""

    @property
    def parallel(self) -> bool: ...  # noqa: D102

    @property
    def identity(self) -> dict[str, Any]: ...  # noqa: D102

    @property
    def languages(self) -> tuple[str, ...]: ...  # noqa: D102

    def read(self) -> dict[str, list[str]]: ...  # noqa: D102


@dataclass(frozen=True)
class TextFolder:
    """The files of one folder that a corpus reads.

    Attributes:
        path: the folder.
        files: language -> file.
        parallel: whether the same line of each file is the same sentence.

    """

    path: Path
    files: Mapping[str, Path]
    parallel: bool

    @property
    def identity(self) -> dict[str, Any]:
        """What stands in keys: the checksum of each file, not where it lies."""
        return {"parallel": self.parallel, "files": {language: sha256(file) for language, file in sorted(self.files.items())}}

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that have a file."""
        return tuple(sorted(self.files))

    def read(self) -> dict[str, list[str]]:
        """Return language -> lines.

        Raises:
            DataError: when a file cannot be read.

        """
        return {language: _read(file) for language, file in sorted(self.files.items())}

    def __str__(self) -> str:
        return str(self.path)


def languages_of(folder: Path) -> dict[str, Path]:
    """Return language -> file of a folder; `xx.txt` goes before `xx.txt.gz`."""
    found: dict[str, Path] = {}
    for ending in ENDINGS:
        for file in sorted(folder.glob(f"*{ending}")):
            if file.is_file():
                found.setdefault(file.name.removesuffix(ending), file)
    return found


def text_folder(path: Path, languages: Sequence[str], *, parallel: bool) -> TextFolder:
    """Return the files of a folder in these languages (all where none is named)."""
    found = languages_of(path)
    return TextFolder(path, {lang: file for lang, file in found.items() if not languages or lang in languages}, parallel)


@dataclass(frozen=True)
class Lines:
    """The lines of one folder; in those of a parallel one, line i of every language is the same sentence.

    Attributes:
        parallel: whether it is.
        train: language -> lines to train on; "" where a line is missing.
        held_out: language -> lines to measure on.

    """

    parallel: bool
    train: Mapping[str, list[str]]
    held_out: Mapping[str, list[str]]


def read_lines(folder: Texts, *, held_out: int, limit: int | None) -> Lines:
    """Read a folder's files.

    Of a parallel folder the same line numbers are kept for measuring in every language: a line of one language must not be
    measured with its translation trained on.

    Raises:
        DataError: when a file cannot be read, or the files of a parallel folder have different numbers of lines.

    """
    whole = folder.read()
    if folder.parallel:
        _check_parallel(folder, whole)
    read = {language: lines[:limit] for language, lines in whole.items()}
    train, kept = {}, {}
    for language, lines in read.items():
        chosen = set(_held_out_numbers(len(lines), held_out))
        train[language] = [line for number, line in enumerate(lines) if number not in chosen]
        kept[language] = [lines[number] for number in sorted(chosen)]
    return Lines(folder.parallel, train, kept)


def _held_out_numbers(count: int, held_out: int) -> list[int]:
    """Return the numbers of the lines to measure on: at most a tenth, the same for every file of so many lines."""
    return shuffled(count, "held out")[: min(held_out, count // 10)]


def _read(path: Path) -> list[str]:
    try:
        content = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1  # without the byte order mark, as `start` counts
        byte = error.object[error.start]
        raise DataError(f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8 text. Save it as UTF-8.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}). Copy the file again, or leave its language out.") from error
    return [line.strip() for line in text.removesuffix("\n").split("\n")] if text else []


def _check_parallel(folder: Texts, read: Mapping[str, Sequence[str]]) -> None:
    counts = {language: len(lines) for language, lines in read.items()}
    if len(set(counts.values())) > 1:
        usual = max(counts.values(), key=lambda n: (list(counts.values()).count(n), n))
        odd = next(language for language, count in counts.items() if count != usual)
        raise DataError(
            f"{folder} is named under `parallel:`, but the text in {odd} has {counts[odd]} lines and others have "
            f"{usual}. Line i of every file must be the same sentence: mend the file, or name the folder under `text:`."
        )


def pairs_of(folder: Iterable[str], pivot: str | None, pivot_share: float) -> tuple[list[tuple[str, str]], ...]:
    """Return the pairs of a folder's languages that have the pivot, and the others that are trained on.

    Args:
        folder: its languages.
        pivot: see `CorpusSpec`; without it all pairs are in the second list.
        pivot_share: 1 leaves out the pairs without the pivot.

    """
    languages = sorted(folder)
    every = [(a, b) for i, a in enumerate(languages) for b in languages[i + 1 :]]
    if pivot is None:
        return [], every
    return [pair for pair in every if pivot in pair], [pair for pair in every if pivot not in pair and pivot_share < 1]

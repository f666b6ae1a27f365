"""A mirror of the files that a study reads, for machines without a network."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xstilts.data import DataFile, mirror_folder
from xstilts.data.hub import PAGE
from xstilts.data.mirror import ListedDataset, Mirror
from xstilts.data.mirror_writing import MirrorWriter, writing_to
from xstilts.digests import file_sha256
from xstilts.encoder import fetch
from xstilts.errors import DataError, EncoderError
from xstilts.fingerprint import key_of
from xstilts.spec import Encoder, StudySpec
from xstilts.supply.needs import Need, Needs, licence, mirror_names, mirror_of, study_needs

HUB_CACHE = "hub"  # the folder for encoders, in the hub's own layout

Outcome = Literal["pulled", "kept", "left", "failed"]


@dataclass(frozen=True)
class Pulled:
    """What became of one file or encoder: `kept` was there already, `left` is the user's own or made when read."""

    name: str
    outcome: Outcome
    text: str = ""


def pull_study(study: StudySpec, folder: Path, *, encoders: bool = False) -> Iterator[Pulled]:
    """Copy what a study reads into a mirror, one file after another; one that fails does not hold up the others.

    Stopped at any moment and called again it goes on: what is there with the right checksum is kept.

    Args:
        study: from `load_study(..., need_data=False)`.
        folder: the mirror to fill; entries that are there stay.
        encoders: also download the encoders that are named by hub id, into `folder/hub`.

    Raises:
        DataError: when the folder cannot be written, is being written, or is the mirror that is read.

    """
    needs = study_needs(study)
    read = {place.resolve() for place in (mirror_folder(study.data), study.data.local) if place}
    if folder.resolve() in read:
        raise DataError(f"{folder} is the mirror that the study reads. Give another folder with `--to`.")
    names = mirror_names(needs)
    with writing_to(folder) as writer:
        for need in needs.parts():
            yield _pull(needs, need, names.get(key_of(need.file.identity)), writer)
        for name, encoder in study.encoders.items() if encoders else ():
            yield _pull_encoder(name, encoder, folder / HUB_CACHE)


def _pull(needs: Needs, need: Need, place: tuple[str, str] | None, writer: MirrorWriter) -> Pulled:
    file = need.file
    if need.absent:
        return Pulled(need.name, "failed", need.wanted)
    if file.own or file.made:
        made = "its rows are made where they are read: there is nothing to copy."
        own = f"{file.origin} is a file of your own: copy it along with the study file."
        return Pulled(need.name, "left", own if file.own else made)
    assert place is not None, "all other files have a name in a mirror"
    dataset, name = place
    revision, checksum = file.identity.get("revision"), file.identity.get("sha256")
    try:
        if writer.has(dataset, name, revision=revision, sha256=checksum):
            return Pulled(need.name, "kept")
        make, about, known = _from_hub(needs, need) if revision else _from_mirror(needs, file, name)
        writer.add(dataset, name, make, about, known)
    except DataError as error:
        return Pulled(need.name, "failed", str(error))
    except OSError as error:
        return Pulled(
            need.name, "failed", f"{writer.place(dataset, name)}: cannot be written ({error}). Make room, and run again."
        )
    return Pulled(need.name, "pulled")


Made = tuple[Callable[[Path], int], ListedDataset, str | None]


def _from_hub(needs: Needs, need: Need) -> Made:
    """Write the rows that the study would read, as Parquet; the hub may hold another format."""
    file = need.file
    table = needs.source.table(file)

    def make(place: Path) -> int:
        from pyarrow import parquet

        parquet.write_table(table, place)
        return int(table.num_rows)

    about = ListedDataset(files={}, licence=licence(need, needs), source=f"{PAGE}{file.identity['dataset']}")
    return make, about, file.identity["revision"]


def _from_mirror(needs: Needs, file: DataFile, name: str) -> Made:
    """Copy the very bytes, so that checksums and with them the keys of a study stay."""
    folder = mirror_of(file)
    assert folder is not None, "no other file has a checksum for its version"
    entry = Mirror(folder).listing[file.identity["dataset"]]
    needs.source.table(file)  # refuses a file that is not the one that is listed

    def make(place: Path) -> int:
        shutil.copyfile(file.origin, place)
        if file_sha256(place) != file.identity["sha256"]:
            raise DataError(f"{file.origin}: it changed while it was copied. Run again.")
        return entry.files[name].rows

    deviation = {name: entry.deviation[name]} if name in entry.deviation else {}
    about = entry.model_copy(update={"files": {}, "deviation": deviation})
    return make, about, entry.files[name].revision


def _pull_encoder(name: str, encoder: Encoder, cache: Path) -> Pulled:
    title = f"encoder {name}"
    if encoder.hub is None:
        return Pulled(title, "left", f"{encoder.path} is a folder of your own: copy it along with the study file.")
    blobs = cache / f"models--{encoder.hub.replace('/', '--')}" / "blobs"
    before = _sound(blobs)
    try:
        fetch(encoder, cache)
    except EncoderError as error:
        return Pulled(title, "failed", str(error))
    return Pulled(title, "kept" if before == _sound(blobs) else "pulled")


def _sound(blobs: Path) -> set[str]:
    """Return the names of the files that are in a cache, those with other content than their names say deleted.

    The hub calls a file by the SHA-256 of its content, or by git's SHA-1 where it is small.
    """
    for path in blobs.glob("*"):
        if len(path.name) == 64 and file_sha256(path) != path.name:
            path.unlink()
        if len(path.name) == 40 and _git_sha1(path.read_bytes()) != path.name:
            path.unlink()
    return {path.name for path in blobs.glob("*") if len(path.name) in (40, 64)}


def _git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

"""A mirror: a folder of Parquet files with the hub's names and columns, and a manifest that vouches for them."""

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from xstilts.data import DataFile
from xstilts.digests import cache_folder, sha256, write_atomically
from xstilts.errors import DataError, unknown
from xstilts.frozen import Frozen
from xstilts.task import Split, Task

if TYPE_CHECKING:
    import pyarrow

MANIFEST = "mirror.yaml"

Text = Annotated[str, Field(min_length=1)]
FileName = Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")]  # configuration/split


class ListedFile(Frozen):
    """What the manifest says of one file; `revision` is the commit of the hub that it was made from, where that is known."""

    rows: Annotated[int, Field(ge=0, strict=True)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None


class ListedDataset(Frozen):
    """What the manifest says of one data set; `deviation` tells how a file differs from the standard task's data."""

    files: dict[FileName, ListedFile]
    deviation: dict[FileName, Text] = Field(default_factory=dict)
    licence: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _deviations_have_files(self) -> Self:
        """Refuse a misspelt name: with it, reduced data would pass for the standard task."""
        for name in self.deviation:
            if name not in self.files:
                raise ValueError(unknown("file of `deviation`:", name, self.files))
        return self


_LISTING = TypeAdapter(dict[Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")], ListedDataset])


class Mirror:
    """A mirror folder: `<owner>--<name>/<config>/<split>.parquet` and `mirror.yaml` (see docs/file_formats.md).

    Args:
        folder: the mirror.

    Attributes:
        listing: what the manifest says: data set id -> its files.

    Raises:
        DataError: when the folder or its mirror.yaml is missing or malformed.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listing = _read_listing(folder)

    def find(self, task: Task, language: str, split: Split) -> DataFile | None:
        """Return the file of one split in one language as the manifest lists it; the file itself is not touched."""
        data, config = task.data_of(language), task.config(language)
        dataset, name = data.path, data.splits.get(split)
        entry = self.listing.get(dataset)
        listed = entry.files.get(f"{config}/{name}") if entry else None
        if entry is None or listed is None:
            return None
        return DataFile(
            identity={"dataset": dataset, "config": config, "split": name, "sha256": listed.sha256},
            rows=listed.rows,
            deviation=entry.deviation.get(f"{config}/{name}", ""),
            origin=str(self.folder / dataset.replace("/", "--") / config / f"{name}.parquet"),
        )

    def table(self, file: DataFile) -> "pyarrow.Table":
        """Return the rows of a listed file whose checksum is the listed one (an unchanged file is hashed once).

        Raises:
            DataError: when the file is absent, is not the one that was listed, or cannot be read as Parquet.

        """
        import pyarrow
        from pyarrow import parquet

        manifest = self.folder / MANIFEST
        try:
            found = sha256(Path(file.origin))
        except FileNotFoundError:
            raise DataError(
                f"{file.origin}: no such file, though {manifest} lists it with {file.rows} rows. "
                "Copy it again from where the mirror came from, or take its entry out of the manifest."
            ) from None
        except OSError as error:
            raise DataError(f"{file.origin}: cannot be read ({error.strerror}). Make the file readable.") from error
        if found != file.identity["sha256"]:
            raise DataError(
                f"{file.origin}: its SHA-256 is {found}, but {manifest} lists {file.identity['sha256']}: the file is "
                "damaged or another version. Copy it again from where the mirror came from."
            )
        try:
            table = parquet.read_table(file.origin)
        except (pyarrow.ArrowException, OSError) as error:
            raise DataError(
                f"{file.origin}: not readable as Parquet ({error}), though it is the file that {manifest} lists. "
                "Write the mirror again."
            ) from error
        if table.num_rows != file.rows:
            raise DataError(
                f"{file.origin}: {table.num_rows} rows, but {manifest} lists {file.rows}. Correct `rows` of the entry "
                f"{file.identity['dataset']}, {file.identity['config']}/{file.identity['split']}."
            )
        return table


def _read_listing(folder: Path) -> Mapping[str, ListedDataset]:
    """Read the manifest, as JSON if it was read before: 2,000 lines of YAML take 150 ms, their JSON 1 ms."""
    manifest = folder / MANIFEST
    try:
        content = manifest.read_bytes()
    except OSError as error:
        missing = "no such folder" if not folder.is_dir() else f"no readable {MANIFEST} in it ({error.strerror})"
        raise DataError(
            f"mirror {folder}: {missing}. A mirror is a folder with {MANIFEST} and files "
            "<owner>--<name>/<config>/<split>.parquet (docs/file_formats.md). Correct `data.mirror` or XSTILTS_MIRROR, "
            "or remove it to read the hub."
        ) from error
    remembered = cache_folder() / "mirrors" / f"{hashlib.sha256(content).hexdigest()}.json"
    with contextlib.suppress(OSError, ValidationError):
        return _LISTING.validate_json(remembered.read_bytes())
    try:
        listing = _LISTING.validate_python(_parse(manifest, content))
    except ValidationError as error:
        raise DataError(_worded(manifest, error)) from error
    with contextlib.suppress(OSError):
        remembered.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(remembered, _LISTING.dump_json(listing))
    return listing


def _parse(manifest: Path, content: bytes) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe").load(content)
    except (YAMLError, UnicodeDecodeError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        where = f"{manifest}, line {mark.line + 1}" if mark else str(manifest)
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error)
        raise DataError(f"{where}: not valid YAML ({problem}). Correct the line, or copy the file again.") from error


def _worded(manifest: Path, error: ValidationError) -> str:
    """Word the first mistake of a manifest; the others are mostly the same mistake in other entries."""
    first = error.errors()[0]
    where = ", ".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        fields = ListedFile.model_fields if "files" in first["loc"] else ListedDataset.model_fields
        problem = unknown("field", first["loc"][-1], fields)
    elif first["type"] == "value_error":
        problem = str(first["ctx"]["error"])
    elif first["type"] == "missing":
        problem = "this field is missing."
    else:
        problem = f"the value is {first['input']!r:.100}; {first['msg'][0].lower()}{first['msg'][1:]}."
    more = f" ({error.error_count() - 1} more mistakes)" if error.error_count() > 1 else ""
    return f"{manifest}: {where or 'the file'}: {problem} Correct the entry, or copy the file again{more}."

"""What the hub says of a split without sending its rows: its size, its licence, and whether this login may read it."""

from dataclasses import dataclass

from xstilts.data import DataFile
from xstilts.data.hub import explained, quietly, request


@dataclass(frozen=True)
class Listing:
    """What the hub lists of one split.

    Attributes:
        bytes: of its files, as they are sent; None where the hub does not say.
        rows: as the data set's card says; None where it does not.
        gated: whether its conditions must be accepted (they are, for this login).
        licence: as the data set's card says; empty where it does not.

    """

    bytes: int | None
    rows: int | None
    gated: bool
    licence: str


def hub_listing(file: DataFile) -> Listing:
    """Ask the hub for the list of a split's files and for the head of the first; no row is downloaded.

    Raises:
        DataError: as when its rows are read: gated, not found, no such split, out of reach.

    """
    with quietly():
        try:
            return _asked(file)
        except Exception as error:  # as in `Hub.table`: errors of several libraries, most of them not documented
            raise explained(error, file) from error


def _asked(file: DataFile) -> Listing:
    import datasets
    from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_url

    dataset, revision, split = (str(file.identity[name]) for name in ("dataset", "revision", "split"))
    builder = datasets.load_dataset_builder(**request(file))
    data_files = builder.config.data_files or {}
    if split not in data_files:
        raise ValueError(f'Unknown split "{split}". Should be one of {[str(name) for name in data_files]}.')
    info = HfApi().dataset_info(dataset, revision=revision, files_metadata=True)
    sizes = {sibling.rfilename: sibling.size for sibling in info.siblings or ()}
    start = f"hf://datasets/{dataset}@{revision}/"
    paths = [str(path).removeprefix(start) for path in data_files[split]]
    get_hf_file_metadata(hf_hub_url(dataset, paths[0], repo_type="dataset", revision=revision))  # refused where it is gated
    known = [size for path in paths if (size := sizes.get(path)) is not None]
    told = builder.info.splits[split].num_examples if split in (builder.info.splits or {}) else 0
    return Listing(
        bytes=sum(known) if len(known) == len(paths) else None,
        rows=told or None,
        gated=bool(info.gated),
        licence=str(info.card_data.get("license") or "") if info.card_data else "",
    )

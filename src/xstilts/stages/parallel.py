"""Compare the sentences of a parallel text in one language with those in its partner languages, by their ids."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from xstilts.engine.checkpoint import read_tensors
from xstilts.errors import DataError
from xstilts.kinds import retrieval
from xstilts.stages import Context

TEXT = ("example_id", "gold", "prediction", "margin_prediction", "variant")
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXT), ("similarity", pa.float64())])
NO_PAIR = (
    "{task}: the files of {language} and {partner} have no id in common, so no sentence has a translation there. Use copies of "
    "one version of the data set, or take one of the languages out."
)


def write_comparisons(value: Mapping[str, Any], context: Context, path: Path) -> None:
    """Write one row a sentence, partner, variant and direction, for each partner in turn.

    `prediction` and `similarity` are by the similarity of the study, `margin_prediction` is by margin in any case: xSIM's.
    In memory are the vectors of two languages and the rows of one variant, however many partners there are.

    Raises:
        DataError: when the two languages have no sentence in common.

    """
    own = _vectors(context, value["vectors"])
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for partner, key in value["partners"].items():
            there = _vectors(context, key)
            place = {name: position for position, name in enumerate(there[1]["ids"])}
            shared = [(i, place[name]) for i, name in enumerate(own[1]["ids"]) if name in place]
            if not shared:
                stages = context.plan.stages
                language = stages[value["vectors"]].value["data"]["config"]
                raise DataError(NO_PAIR.format(task=value["task"], language=language, partner=partner))
            for rows in _compared(value, own, there, shared, partner):
                writer.write_table(pa.Table.from_pylist(rows, SCHEMA))


def centrings(value: Mapping[str, Any]) -> tuple[bool, ...]:
    """Return the ways of centring that a retrieval stage's value asks for."""
    return (False, True) if value["centred"] == "both" else (value["centred"],)


def variant_of(value: Mapping[str, Any], facts: Mapping[str, Any], layer: int, *, centred: bool) -> str:
    """Return the variant of a retrieval stage's rows, to which the direction is to be added."""
    how = f"similarity={value['similarity']} centred={'yes' if centred else 'no'}"
    return f"layer={layer} pooling={facts['pooling']} {how}"


Vectors = tuple[dict[str, torch.Tensor], dict[str, Any]]


def _vectors(context: Context, key: str) -> Vectors:
    found = read_tensors(context.input_folder(key) / "vectors.safetensors")
    assert found is not None, "inputs are checked before a stage runs"
    return found


def _compared(
    value: Mapping[str, Any], own: Vectors, there: Vectors, shared: list[tuple[int, int]], partner: str
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of each variant; only sentences that both languages have are searched and found."""
    (tensors, facts), (others, _) = own, there
    names = [facts["ids"][i] for i, _ in shared]
    here, beyond = (torch.tensor(positions) for positions in zip(*shared, strict=True))
    for layer in facts["layers"]:
        for centred in centrings(value):
            # each language is centred by the mean of all its sentences
            mine = retrieval.prepare(tensors[f"{layer}/sentences"], centred=centred)[here]
            theirs = retrieval.prepare(others[f"{layer}/sentences"], centred=centred)[beyond]
            variant = f"{variant_of(value, facts, layer, centred=centred)} partner={partner}"
            for direction, queries, index in (("to-partner", mine, theirs), ("from-partner", theirs, mine)):
                by_margin = retrieval.nearest_by_margin(queries, index)
                best = by_margin if value["similarity"] == "margin" else retrieval.nearest(queries, index)
                yield [
                    {
                        "example_id": name, "gold": name, "prediction": names[chosen], "margin_prediction": names[margin],
                        "similarity": similarity, "variant": f"{variant} direction={direction}",
                    }
                    for name, chosen, margin, similarity in zip(
                        names, best.index[:, 0].tolist(), by_margin.index[:, 0].tolist(), best.similarity[:, 0].tolist(),
                        strict=True,
                    )
                ]  # fmt: skip

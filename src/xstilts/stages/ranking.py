"""The stages of ranking tasks: vectors of queries and of candidates, and the search of the ones among the others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors import safe_open

from xstilts.data.pool import Texts, read_candidates, read_queries
from xstilts.engine.checkpoint import write_tensors
from xstilts.engine.predict import Inference, logits_of
from xstilts.errors import DataError
from xstilts.kinds.ranking import POOL_BLOCK, encode_passages, encode_queries, search
from xstilts.kinds.retrieval import prepare
from xstilts.stage import Stage
from xstilts.stages import Context
from xstilts.stages.prediction import PREDICTIONS, opened
from xstilts.store import Writing

CHUNK = 16_384  # texts whose sub-tokens are in memory at a time
VECTORS, TEXTS = "vectors.safetensors", "texts.parquet"
VARIANT = "pooling=first similarity=cosine direction=query-to-passage"


def embed_side(stage: Stage, context: Context, writing: Writing) -> None:
    """Write `vectors.safetensors`: `vectors` [N, H] of length one; and `texts.parquet`: their names and keys, in order."""
    value = stage.canonical
    texts = _texts(value, context)
    model, tokenizer = opened(context, value["model"], value["head"])
    dtype = torch.bfloat16 if value["precision"] == "bfloat16" else torch.float32
    count = len(texts.items)

    def progress(done: int, total: int, loss: float | None = None) -> None:  # noqa: ARG001
        context.progress(start + done, count)

    how = Inference(tokenizer.pad_token_id, context.tokens(training=False), dtype, progress=progress)
    vectors = torch.empty(0)
    for start in range(0, count, CHUNK):
        chunk = texts.items[start : start + CHUNK]
        if value["side"] == "queries":
            features = encode_queries([text for text, _ in chunk], tokenizer, value["max_length"])
        else:
            features = encode_passages(chunk, tokenizer, value["max_length"])
        found = prepare(torch.stack(logits_of(model, features, value["head"], how)), centred=False)
        if not start:
            vectors = torch.empty(count, found.shape[-1])
        vectors[start : start + CHUNK] = found
    write_tensors(writing.folder / VECTORS, {"vectors": vectors}, {})
    table = pa.table({"name": list(texts.names), "keys": [list(keys) for keys in texts.keys]})
    pq.write_table(table, writing.folder / TEXTS)
    writing.facts |= {"skipped_rows": texts.skipped, "examples": count}


def _texts(value: dict[str, Any], context: Context) -> Texts:
    task, file = context.task(value), context.plan.file(value["data"])
    if value["side"] == "queries":
        return read_queries(context.source, task, file, limit=value["limit"], on_bad_row=value["on_bad_row"])
    return read_candidates(context.source, task, file, on_bad_row=value["on_bad_row"])


def predict_ranking(stage: Stage, context: Context, writing: Writing) -> None:
    """Write `predictions.parquet`: of each query its name, the names of all right candidates, and of the nearest ones.

    Raises:
        DataError: when a query has no right candidate in the pool.

    """
    value = stage.canonical
    asked = context.input_folder(value["vectors"]["queries"])
    pools = [context.input_folder(key) for key in value["vectors"]["candidates"]]
    queries = next(_blocks(asked, torch.iinfo(torch.int64).max)).to(context.device)
    names: list[str] = []
    right: dict[str, list[str]] = {}
    for pool in pools:
        for row in pq.read_table(pool / TEXTS).to_pylist():
            names.append(row["name"])
            for key in row["keys"]:
                right.setdefault(key, []).append(row["name"])

    def blocks() -> Iterator[torch.Tensor]:
        done = 0
        for pool in pools:
            for block in _blocks(pool, POOL_BLOCK):
                yield block.to(context.device)
                done += len(block)
                context.progress(done, len(names))

    found = search(queries, blocks())
    rows = pq.read_table(asked / TEXTS).to_pylist()
    if lost := [row["name"] for row in rows if row["keys"][0] not in right]:
        raise DataError(
            f"{value['task']}: {len(lost)} of {len(rows)} queries have no right candidate among the {len(names)} of the pool, "
            f"first query {lost[0]}; each needs at least one. Add the candidates to the data, or take these queries out."
        )
    table = pa.table(
        {
            "example_id": [row["name"] for row in rows],
            "gold": [right[row["keys"][0]] for row in rows],
            "prediction": [[names[place] for place in places] for places in found.index.tolist()],
            "similarity": found.similarity.tolist(),
            "variant": [VARIANT] * len(rows),
        }
    )
    pq.write_table(table, writing.folder / PREDICTIONS)


def _blocks(folder: Path, size: int) -> Iterator[torch.Tensor]:
    """Yield the vectors of a finished stage in blocks of so many rows; one block at a time is in memory."""
    with safe_open(folder / VECTORS, framework="pt") as file:
        vectors = file.get_slice("vectors")
        count = vectors.get_shape()[0]
        for start in range(0, count, size):
            yield vectors[start : min(start + size, count)].clone()

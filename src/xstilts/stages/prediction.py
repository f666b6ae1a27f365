"""Predict a target's evaluation examples with a trained model, or the translations of sentences from their vectors."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from xstilts.data.read import read_examples
from xstilts.engine.checkpoint import read_tensors
from xstilts.engine.model import load
from xstilts.engine.predict import Inference, predict
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.kinds import kind_functions, retrieval
from xstilts.stage import Stage
from xstilts.stages import Context
from xstilts.store import Writing

PREDICTIONS = "predictions.parquet"


def predict_stage(stage: Stage, context: Context, writing: Writing) -> None:
    """Write `predictions.parquet`: example id, gold, prediction and probabilities, one row an example.

    Of a question there is also `null_difference`: how much more it looks unanswerable than answered by the prediction.
    For retrieval a row has the similarity in place of probabilities, and the variant it belongs to: layer, pooling,
    similarity, centring and direction.
    """
    rows = _retrieved(stage, context) if stage.canonical["kind"] == "retrieval" else _predicted(stage, context, writing)
    pq.write_table(pa.Table.from_pylist(rows), writing.folder / PREDICTIONS)


def _predicted(stage: Stage, context: Context, writing: Writing) -> list[dict[str, Any]]:
    value = stage.canonical
    task, file = context.task(value), context.plan.file(value["data"])
    examples = read_examples(context.source, task, file, limit=value["limit"], on_bad_row=value["on_bad_row"], evaluation=True)
    folder = context.input_folder(value["model"])
    head = value.get("head", task.name)  # another task's, where this one has no training data of its own

    def open_model() -> tuple[Any, Any]:
        model = load(folder, head).to(context.device)
        model.shorten()
        return model, open_tokenizer(folder)

    model, tokenizer = context.keep(value["model"], open_model)
    dtype = torch.bfloat16 if value["precision"] == "bfloat16" else torch.float32
    how = Inference(tokenizer.pad_token_id, context.tokens(training=False), dtype, progress=context.progress)
    predictions = predict(model, examples.items, model.heads[head], tokenizer, value["max_length"], how)
    writing.facts |= {"skipped_rows": examples.skipped, "examples": len(examples.items)}
    gold = kind_functions(task.kind).gold
    return [
        {
            "example_id": name,
            "gold": gold(example) if file.labelled else None,
            "prediction": prediction.predicted,
            "probabilities": prediction.probabilities,
            **({"null_difference": prediction.null_difference} if task.kind == "span" else {}),
        }
        for name, example, prediction in zip(examples.ids, examples.items, predictions, strict=True)
    ]


def _retrieved(stage: Stage, context: Context) -> list[dict[str, Any]]:
    value = stage.canonical
    found = read_tensors(context.input_folder(value["vectors"]) / "vectors.safetensors")
    assert found is not None, "inputs are checked before a stage runs"
    tensors, facts = found
    rows = []
    for layer in facts["layers"]:
        for centred in (False, True) if value["centred"] == "both" else (value["centred"],):
            foreign = retrieval.prepare(tensors[f"{layer}/foreign"], centred=centred)
            source = retrieval.prepare(tensors[f"{layer}/source"], centred=centred)
            how = f"similarity={value['similarity']} centred={'yes' if centred else 'no'}"
            variant = f"layer={layer} pooling={facts['pooling']} {how}"
            gold = [(int(i), int(j)) for i, j in facts["gold"]]
            made = (
                _mined(foreign, source, gold) if facts["collections"] else _nearest(foreign, source, gold, value["similarity"])
            )
            rows += [{**row, "variant": f"{variant} {row['variant']}"} for row in made]
    return rows


def _nearest(
    foreign: torch.Tensor, source: torch.Tensor, gold: list[tuple[int, int]], similarity: str
) -> Iterator[dict[str, Any]]:
    """Yield the nearest neighbour of each sentence that has a translation, in both directions."""
    search = retrieval.nearest_by_margin if similarity == "margin" else retrieval.nearest
    for direction, queries, index, pairs in (
        ("source-to-foreign", source, foreign, [(j, i) for i, j in gold]),
        ("foreign-to-source", foreign, source, gold),
    ):
        best = search(queries, index)
        for query, target in pairs:
            yield {
                "example_id": str(query),
                "gold": str(target),
                "prediction": str(int(best.index[query, 0])),
                "similarity": float(best.similarity[query, 0]),
                "variant": f"direction={direction}",
            }


def _mined(foreign: torch.Tensor, source: torch.Tensor, gold: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Yield the mined pairs of two collections, and the gold pairs of foreign sentences for which none was mined."""
    partner, mined = dict(gold), retrieval.mine(foreign, source)
    without = partner.keys() - {i for i, _, _ in mined}
    for i, j, margin in [*mined, *((i, None, None) for i in sorted(without))]:
        yield {
            "example_id": str(i),
            "gold": str(partner[i]) if i in partner else None,
            "prediction": None if j is None else str(j),
            "similarity": margin,
            "variant": "direction=both",
        }

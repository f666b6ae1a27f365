"""Turn the sentences of a retrieval task into vectors."""

from typing import Any

import torch

from xstilts.data.read import read_bitext, read_examples
from xstilts.engine.checkpoint import write_tensors
from xstilts.engine.embed import chosen_layers, embed, open_encoder
from xstilts.engine.predict import Inference
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.errors import EncoderError
from xstilts.fingerprint import key_of
from xstilts.kinds.retrieval import first_occurrences
from xstilts.stage import Stage
from xstilts.stages import Context
from xstilts.store import Writing
from xstilts.task import Sentence


def embed_stage(stage: Stage, context: Context, writing: Writing) -> None:
    """Write `vectors.safetensors`: `<layer>/foreign` [N, H] and `<layer>/source` [M, H], the gold pairs beside them.

    Of a task that mines collections (BUCC), sentences that occur twice are embedded once, as in XTREME's script. Of one
    language of a parallel text (FLORES-200) there is `<layer>/sentences` [N, H] with the ids beside it.
    """
    value = stage.canonical
    sides, facts, skipped = _read(value, context)
    folder = context.model_folder(value["model"], value["tokenizer"])
    random = value["model"].get("random")
    seed = int(key_of(["random encoder", random["seed"]]), 16) % 2**63 if random else None
    model, tokenizer = context.keep(
        key_of([value["model"], value["tokenizer"]]),
        lambda: (open_encoder(folder, random_seed=seed).to(context.device), open_tokenizer(folder)),
    )
    try:
        layers = chosen_layers(value["layers"], model.config.num_hidden_layers)
    except ValueError as error:
        raise EncoderError(f"{error}. Correct it in the study file.") from error
    how = Inference(tokenizer.pad_token_id, context.tokens(training=False), progress=context.progress)
    tensors: dict[str, torch.Tensor] = {}
    for side, sentences in sides.items():
        vectors = embed(model, sentences, tokenizer, layers, value["max_length"], how)
        tensors |= {f"{layer}/{side}": matrix for layer, matrix in vectors.items()}
    facts |= {"layers": layers, "pooling": value["pooling"]}
    write_tensors(writing.folder / "vectors.safetensors", tensors, facts)
    writing.facts |= {"skipped_rows": skipped, "examples": sum(map(len, sides.values()))}


def _read(value: dict[str, Any], context: Context) -> tuple[dict[str, list[str]], dict[str, Any], int]:
    """Return the sentences of each side, what is known of their pairs, and the number of bad rows left out."""
    task, file = context.task(value), context.plan.file(value["data"])
    limit, on_bad_row = value["limit"], value["on_bad_row"]
    if task.multiway:
        found = read_examples(context.source, task, file, limit=limit, on_bad_row=on_bad_row)
        sentences = [sentence for sentence in found.items if isinstance(sentence, Sentence)]
        return {"sentences": [one.text for one in sentences]}, {"ids": [one.id for one in sentences]}, found.skipped
    read = read_bitext(context.source, task, file, limit=limit, on_bad_row=on_bad_row)
    collections = task.metric == "bucc_f1"
    sides = {"foreign": list(read.bitext.foreign), "source": list(read.bitext.source)}
    gold = list(read.bitext.gold)
    if collections:
        sides, gold = _unique(sides, gold)
    return sides, {"gold": gold, "collections": collections}, read.skipped


def _unique(sides: dict[str, list[str]], gold: list[tuple[int, int]]) -> tuple[dict[str, list[str]], list[tuple[int, int]]]:
    """Keep each sentence's first occurrence, and let the gold pairs point there."""
    kept, number = {}, {}
    for side, sentences in sides.items():
        first = first_occurrences(sentences)
        unique = sorted(set(first))
        place = {old: new for new, old in enumerate(unique)}
        kept[side] = [sentences[i] for i in unique]
        number[side] = [place[i] for i in first]
    pairs = {(number["foreign"][i], number["source"][j]): None for i, j in gold}
    return kept, list(pairs)

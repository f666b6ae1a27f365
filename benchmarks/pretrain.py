"""Pretraining against Hugging Face `Trainer` with `DataCollatorForLanguageModeling`: same text, model and masks, in turn.

    python benchmarks/pretrain.py --text ../shared/data/raw/ntrex128 --tokenizer ../shared/encoders/nano

Masked LM on the lines of one folder, float32, no translations: what both can do. Each measurement is a process of its own,
and the contenders take turns. Both read the same lines; xstilts makes updates of so many sub-tokens, `Trainer` of so many
lines, which hold as many on average. Tokenisation counts for both. Prints sub-tokens a second, padding not counted, and the
ratio round by round.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CONTENDERS = ("xstilts", "trainer")
TOKENS, MASK_SHARE, RATE, SEED, LENGTH = 2048, 0.3, 1e-3, 1, 256


def main() -> None:
    """Measure in turn and print the table."""
    arguments = _arguments()
    if arguments.only:
        print(json.dumps(_measure(arguments)))
        return
    found: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(arguments.rounds):
        for name in CONTENDERS:
            command = [sys.executable, __file__, "--text", str(arguments.text), "--tokenizer", str(arguments.tokenizer)]
            command += ["--lines", str(arguments.lines), "--only", name]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found[name].append(json.loads(output.strip().split("\n")[-1]))
    for name, rates in found.items():
        ratios = [mine / theirs for mine, theirs in zip(found["xstilts"], rates, strict=True)]
        print(
            f"{name:8} {statistics.median(rates):8.0f} sub-tokens/s ({min(rates):.0f} to {max(rates):.0f})"
            f"   xstilts is {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="a folder of <language>.txt[.gz]")
    parser.add_argument("--tokenizer", type=Path, required=True, help="a Hugging Face folder")
    parser.add_argument("--lines", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(arguments: argparse.Namespace) -> float:
    from transformers.utils import logging

    from xstilts.data.corpus import Lines, read_lines, text_folder
    from xstilts.engine.new_encoder import new_encoder
    from xstilts.engine.tokenizer import open_tokenizer
    from xstilts.pretrain_spec import SizeSpec

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    read = read_lines(text_folder(arguments.text, (), parallel=False), held_out=0, limit=None)
    each = -(-arguments.lines // len(read.train))
    lines = Lines(False, {language: lines[:each] for language, lines in read.train.items()}, {})
    tokenizer = open_tokenizer(arguments.tokenizer)
    size = SizeSpec(hidden=192, layers=4, heads=6)
    model = new_encoder(size, vocabulary=len(tokenizer), max_length=LENGTH, mimetic=True, seed=SEED)
    return {"xstilts": _xstilts, "trainer": _trainer}[arguments.only](model, tokenizer, lines)


def _xstilts(model: Any, tokenizer: Any, lines: Any) -> float:
    from xstilts.engine.corpus import encode_corpus, vocabulary_of
    from xstilts.engine.corpus_batches import Schedule
    from xstilts.engine.pretrain import Joiner, RunSettings, pretrain
    from xstilts.pretrain_spec import CorpusSpec, LearningSpec, ObjectiveSpec

    objective = ObjectiveSpec(translation=0, mask_share=MASK_SHARE)
    started = time.perf_counter()
    corpus = encode_corpus([lines], tokenizer, CorpusSpec(text=(Path(),), alpha=1), objective, LENGTH)
    total = sum(len(line) + 2 for group in corpus.groups for (line,) in group.inputs)
    schedule, seen, updates = Schedule(corpus.groups, TOKENS, SEED).updates(0), 0, 0
    while seen < total:
        seen += sum(draw.length for draw in next(schedule))
        updates += 1
    train = LearningSpec(updates=updates, tokens=TOKENS, max_length=LENGTH, learning_rate=RATE)
    with tempfile.TemporaryDirectory() as scratch:
        how = RunSettings(train, objective, SEED, Path(scratch), tokens_per_micro_batch=4096, checkpoint_seconds=1e9)
        joiner = Joiner(tokenizer.bos_token_id, tokenizer.eos_token_id, restart=True)
        log = pretrain(model, corpus.groups, vocabulary_of(tokenizer, len(tokenizer)), joiner, how)
    return log.tokens / (time.perf_counter() - started)


def _trainer(model: Any, tokenizer: Any, lines: Any) -> float:
    from transformers import DataCollatorForLanguageModeling, Trainer, TrainingArguments

    text = [line for language in lines.train.values() for line in language if line]
    started = time.perf_counter()
    rows = [{"input_ids": ids} for ids in tokenizer(text, truncation=True, max_length=LENGTH)["input_ids"]]
    total = sum(len(row["input_ids"]) for row in rows)
    settings = TrainingArguments(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=max(1, round(TOKENS * len(rows) / total)),
        num_train_epochs=1,
        learning_rate=RATE, warmup_steps=0.05, weight_decay=0.01, adam_beta2=0.98, seed=SEED, use_cpu=True, save_strategy="no",
        report_to="none", disable_tqdm=True, logging_strategy="no",
    )  # fmt: skip
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=MASK_SHARE)
    Trainer(model=model, args=settings, data_collator=collator, train_dataset=rows).train()
    return total / (time.perf_counter() - started)


if __name__ == "__main__":
    main()

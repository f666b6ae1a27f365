"""Fine-tuning and prediction against Hugging Face `Trainer`: same model, data, batch size and updates, in turn.

    python benchmarks/train.py --mirror ../shared/data/mirror --encoder ../shared/encoders/nano
    python benchmarks/train.py --mirror ../shared/data/mirror --encoder xlmr-base --precision bfloat16 --rows 320 --rounds 3

Each measurement is a process of its own, so that peak memory is its own; the contenders take turns, so that a machine whose
speed drifts treats them alike. Tokenisation counts for all. Prints examples a second, peak memory and the ratios of medians.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TRAINERS = ("xstilts", "trainer", "trainer-by-length")
PREDICTORS = ("xstilts", "trainer")
BATCH, MAX_LENGTH, RATE, SEED = 32, 128, 2e-4, 1


def main() -> None:
    """Measure in turn and print the table."""
    arguments = _arguments()
    if arguments.only:
        print(json.dumps(_measure(arguments)))
        return
    with tempfile.TemporaryDirectory() as folder:
        encoder = _xlmr_base(Path(folder), arguments.tokenizer) if arguments.encoder == "xlmr-base" else Path(arguments.encoder)
        for work, contenders in (("train", TRAINERS), ("predict", PREDICTORS)):
            if work in arguments.work:
                found: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
                for _ in range(arguments.rounds):
                    for name in contenders:
                        found[name].append(_process(arguments, encoder, work, name))
                _print(work, found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--encoder", required=True, help="a Hugging Face folder, or xlmr-base: its shape with random weights")
    parser.add_argument("--tokenizer", type=Path, default=Path("../shared/encoders/nano"), help="of xlmr-base")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rows", type=int, default=1600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", nargs="+", choices=("train", "predict"), default=("train", "predict"))
    parser.add_argument("--only", choices=TRAINERS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _xlmr_base(folder: Path, tokenizer: Path) -> Path:
    """Write an encoder with the shape of XLM-R base and random weights; the tokenizer uses a part of its vocabulary."""
    from transformers import XLMRobertaConfig, XLMRobertaModel

    XLMRobertaModel(XLMRobertaConfig(vocab_size=250_002, type_vocab_size=1, max_position_embeddings=514)).save_pretrained(
        folder
    )
    for path in tokenizer.glob("tokenizer*"):
        shutil.copy(path, folder)
    return folder


def _process(arguments: argparse.Namespace, encoder: Path, work: str, contender: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--mirror", str(arguments.mirror), "--encoder", str(encoder), "--work", work]
    command += [
        "--precision",
        arguments.precision,
        "--device",
        arguments.device,
        "--rows",
        str(arguments.rows),
        "--only",
        contender,
    ]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.strip().split("\n")[-1])


def _print(work: str, found: dict[str, list[dict[str, float]]]) -> None:
    speed = {name: statistics.median(run["examples_per_second"] for run in runs) for name, runs in found.items()}
    for name, runs in found.items():
        rates = [run["examples_per_second"] for run in runs]
        memory = statistics.median(run["peak_gigabytes"] for run in runs)
        # round by round: the two ran right after one another, so a slow minute of the machine hits both
        ratios = [a["examples_per_second"] / b["examples_per_second"] for a, b in zip(found["xstilts"], runs, strict=True)]
        print(
            f"{work:8} {name:18} {speed[name]:8.1f} examples/s ({min(rates):.1f} to {max(rates):.1f}) {memory:6.2f} GB"
            f"   xstilts is {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def _measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Run one contender; returns examples a second and the peak of resident (on a GPU: of allocated) memory."""
    import torch
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    work = arguments.work[0]
    run = {("train", True): _xstilts_train, ("train", False): _trainer_train, ("predict", True): _xstilts_predict,
           ("predict", False): _trainer_predict}[work, arguments.only == "xstilts"]  # fmt: skip
    examples = _examples(arguments, work)
    seconds = run(arguments, examples)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    peak = torch.cuda.max_memory_allocated() / 1e9 if arguments.device == "cuda" else resident
    return {"examples_per_second": sum(map(len, examples)) / seconds, "peak_gigabytes": peak}


def _examples(arguments: argparse.Namespace, work: str) -> list[Any]:
    """Return real XNLI rows: English training rows, or the first test rows of the 15 languages."""
    from xstilts.data import open_source
    from xstilts.data.read import read_examples
    from xstilts.spec import DataSpec
    from xstilts.tasks import TASKS

    source, task = open_source(DataSpec(mirror=arguments.mirror)), TASKS["xnli"]
    wanted = [("eng_Latn", "train")] if work == "train" else [(language, "test") for language in task.languages]
    limit = arguments.rows if work == "train" else arguments.rows // len(task.languages)
    return [read_examples(source, task, source.find(task, *which), limit=limit).items for which in wanted]


def _xstilts_model(arguments: argparse.Namespace) -> tuple[Any, Any, Any]:
    from xstilts.engine.model import HeadSpec, build
    from xstilts.engine.tokenizer import open_tokenizer
    from xstilts.tasks import TASKS

    folder, head = Path(arguments.encoder), HeadSpec("xnli", "classification", TASKS["xnli"].labels)
    return build(folder, [head], seed=SEED).to(arguments.device), open_tokenizer(folder), head


def _xstilts_train(arguments: argparse.Namespace, examples: list[Any]) -> float:
    import torch

    from xstilts.engine.fit import FitSpec, TaskData, fit
    from xstilts.engine.model import suitable_tokens
    from xstilts.spec import Sampling, TrainSpec

    model, tokenizer, head = _xstilts_model(arguments)
    train = TrainSpec(
        learning_rate=RATE, epochs=1, batch_size=BATCH, max_length=MAX_LENGTH, precision=arguments.precision, checkpoint="last"
    )
    with tempfile.TemporaryDirectory() as scratch:
        tokens = suitable_tokens(torch.device(arguments.device), training=True)
        spec = FitSpec(train, Sampling(), SEED, Path(scratch), tokens_per_micro_batch=tokens, checkpoint_seconds=1e9)
        started = time.perf_counter()
        fit(model, [TaskData(head, examples[0], (), "accuracy")], tokenizer, spec)
        return time.perf_counter() - started


def _xstilts_predict(arguments: argparse.Namespace, examples: list[Any]) -> float:
    import torch

    from xstilts.engine.model import suitable_tokens
    from xstilts.engine.predict import Inference, predict

    model, tokenizer, head = _xstilts_model(arguments)
    model.shorten()
    dtype = torch.bfloat16 if arguments.precision == "bfloat16" else torch.float32
    how = Inference(tokenizer.pad_token_id, suitable_tokens(torch.device(arguments.device), training=False), dtype)
    started = time.perf_counter()
    for language in examples:
        predict(model, language, head, tokenizer, MAX_LENGTH, how)
    return time.perf_counter() - started


def _trainer(arguments: argparse.Namespace) -> tuple[Any, Any]:
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    tokenizer = AutoTokenizer.from_pretrained(arguments.encoder)
    settings = TrainingArguments(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=BATCH, per_device_eval_batch_size=BATCH, num_train_epochs=1,
        learning_rate=RATE, warmup_steps=0.1, weight_decay=0.01, bf16=arguments.precision == "bfloat16", seed=SEED,
        use_cpu=arguments.device == "cpu", save_strategy="no", report_to="none", disable_tqdm=True, logging_strategy="no",
        train_sampling_strategy="group_by_length" if arguments.only == "trainer-by-length" else "random",
    )  # fmt: skip
    model = AutoModelForSequenceClassification.from_pretrained(arguments.encoder, num_labels=3)
    return Trainer(model=model, args=settings, data_collator=DataCollatorWithPadding(tokenizer)), tokenizer


def _rows(examples: Any, tokenizer: Any) -> list[dict[str, Any]]:
    encoded = tokenizer([e.first for e in examples], [e.second for e in examples], truncation=True, max_length=MAX_LENGTH)
    number = {"entailment": 0, "neutral": 1, "contradiction": 2}
    return [{"input_ids": ids, "label": number[e.label]} for ids, e in zip(encoded["input_ids"], examples, strict=True)]


def _trainer_train(arguments: argparse.Namespace, examples: list[Any]) -> float:
    trainer, tokenizer = _trainer(arguments)
    started = time.perf_counter()
    trainer.train_dataset = _rows(examples[0], tokenizer)
    trainer.train()
    return time.perf_counter() - started


def _trainer_predict(arguments: argparse.Namespace, examples: list[Any]) -> float:
    trainer, tokenizer = _trainer(arguments)
    started = time.perf_counter()
    for language in examples:
        trainer.predict(_rows(language, tokenizer))
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

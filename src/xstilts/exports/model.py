"""A trained cell as a plain Hugging Face folder with a model card, on disk and on the hub."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.data.hub import quietly
from xstilts.encoder import CONFIG, TOKENIZER, WEIGHTS
from xstilts.errors import StoreError, XstiltsError, unknown
from xstilts.exports.card import card
from xstilts.plan import Cell, Plan
from xstilts.results import Results
from xstilts.stage import Stage
from xstilts.store import disk_errors

CLASSES = {  # kind -> the transformers class that opens its folder
    "classification": "AutoModelForSequenceClassification",
    "tagging": "AutoModelForTokenClassification",
    "span": "AutoModelForQuestionAnswering",
    "multiple_choice": "AutoModelForMultipleChoice",
}


@dataclass(frozen=True)
class TrainedCell:
    """A cell and the stage that trained its model; `predictions` are made with it, one stage a language."""

    cell: Cell
    stage: Stage
    predictions: tuple[Stage, ...]


def find_cell(plan: Plan, text: str, encoder: str | None) -> TrainedCell:
    """Return the cell that `<intermediate>/<target>` or `<intermediate>/<target>/<seed>` names.

    Args:
        plan: of the study.
        text: what the user wrote; the seed may be left out where the study has one.
        encoder: its name; may be left out where the study has one.

    Raises:
        XstiltsError: when a name is unknown, something is left out that the study has several of, or the target's model has
            no transformers class.

    """
    study = plan.study
    parts = text.split("/")
    if len(parts) not in (2, 3):
        raise XstiltsError(
            f"--cell {text}: {len(parts)} parts; expected <intermediate>/<target> or <intermediate>/<target>/<seed>. "
            f"Write for example `--cell {next(iter(study.intermediates))}/{study.targets[0]}/{study.seeds[0]}`."
        )
    seeds = [str(seed) for seed in study.seeds]
    if len(parts) == 2 and len(seeds) > 1:
        raise XstiltsError(
            f"--cell {text}: a model has one seed, and the study has {len(seeds)}: {', '.join(seeds)}. "
            f"Write one behind it, for example `--cell {text}/{seeds[0]}`."
        )
    if encoder is None and len(study.encoders) > 1:
        raise XstiltsError(
            f"--cell {text}: a model has one encoder, and the study has {len(study.encoders)}: {', '.join(study.encoders)}. "
            f"Choose one, for example `--encoder {next(iter(study.encoders))}`."
        )
    given = (*parts, *seeds[: 3 - len(parts)], encoder or next(iter(study.encoders)))
    allowed: tuple[Collection[str], ...] = (study.intermediates, study.targets, seeds, study.encoders)
    for what, name, there in zip(("intermediate", "target", "seed", "encoder"), given, allowed, strict=True):
        if name not in there:
            raise XstiltsError(f"--cell {text}: {unknown(what, name, there)}")
    cell = Cell(given[3], given[0], given[1], int(given[2]))
    kind = plan.tasks[cell.target].kind
    if kind not in CLASSES:
        raise XstiltsError(f"--cell {text}: {_without_class(cell, kind)}")
    predictions = tuple(one.stage for one in plan.predicted if one.cell == cell)
    return TrainedCell(cell, plan.stages[predictions[0].value["model"]], predictions)


def _without_class(cell: Cell, kind: str) -> str:
    if kind == "retrieval":
        return (
            f"{cell.target} trains no model: it compares sentences with the encoder as '{cell.intermediate}' leaves it. "
            f"Allowed: targets of the kinds {', '.join(CLASSES)}. Export a cell of one of these."
        )
    return (
        f"{cell.target} is a {kind} task: its head is a scale of cosines between two vectors, for which transformers has no "
        f"class. Allowed: targets of the kinds {', '.join(CLASSES)}. The store's folder holds the encoder's weights: "
        "AutoModel.from_pretrained opens it."
    )


def export_model(results: Results, trained: TrainedCell, to: Path, study_file: Path) -> str:
    """Write the model's configuration, weights and tokenizer as they are, and README.md; return how to open them.

    Args:
        results: of the study.
        trained: from `find_cell`.
        to: folder; new or empty.
        study_file: named in the card as what the model was made with.

    Raises:
        XstiltsError: when the folder is not empty.
        StoreError: when the checkpoint is not there, deleted or damaged, or the folder cannot be written.

    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise XstiltsError(f"{to} is there already. A model is written into a new or an empty folder: name another.")
    store, stage = results.store, trained.stage
    state = store.state(stage)
    if state != "done":
        raise StoreError(_absent(results, trained, study_file, state))
    if damage := store.damage(stage):
        raise StoreError(
            f"{store.folder(stage)}: {damage}. Delete the folder {store.folder(trained.predictions[0])} and run "
            f"`xstilts run {study_file} --out {store.out} --keep all`: it sets the damaged folder aside and trains anew."
        )
    folder = store.folder(stage)
    readme = card(results, trained.cell, stage, study_file)
    with disk_errors(to, "Name another folder with --to."):
        to.mkdir(parents=True, exist_ok=True)
        for path in sorted({path for pattern in (CONFIG, *WEIGHTS, *TOKENIZER) for path in folder.glob(pattern)}):
            shutil.copyfile(path, to / path.name)
        (to / "README.md").write_text(readme, encoding="utf-8")
    kind = results.plan.tasks[trained.cell.target].kind
    return f"{to}: open it with transformers.{CLASSES[kind]}.from_pretrained."


def _absent(results: Results, trained: TrainedCell, study_file: Path, state: str) -> str:
    cell, store = trained.cell, results.store
    name = f"the model of {cell.intermediate}/{cell.target}/{cell.seed} ({cell.encoder})"
    command = f"`xstilts run {study_file} --out {store.out} --keep all`"
    if state == "missing":
        failure = store.read_failure(trained.stage)
        return (
            f"{name} is not trained{f': {failure}' if failure else ''}. Run {command}; expected {store.folder(trained.stage)}."
        )
    seconds = (store.manifest(trained.stage) or {}).get("seconds", 0)
    return (
        f"{name} was trained, and its weights were deleted once its predictions existed (`--keep`). To have it trained again, "
        f"the same to the last bit on the same machine ({seconds:.0f} s, and what it starts from where that was deleted too), "
        f"delete the folder {store.folder(trained.predictions[0])}, whose predictions are made again, and run {command}."
    )


def push(folder: Path, repository: str) -> str:
    """Upload an exported folder to the hub, into a repository that is made, private, where there is none; return its address.

    Raises:
        XstiltsError: when the hub refuses or cannot be reached.

    """
    from huggingface_hub import HfApi

    with quietly():
        try:
            hub = HfApi()
            hub.create_repo(repository, private=True, exist_ok=True)
            found: Any = hub.upload_folder(folder_path=folder, repo_id=repository, commit_message="Model and card from xstilts")
        except Exception as error:  # of those that it passes on, some are of its network library alone
            reason = str(error).strip().split("\n")[0]
            raise XstiltsError(
                f"--push-to-hub {repository}: the hub did not take the folder ({type(error).__name__}: {reason}). Expected the "
                f"name of a repository that this login may write, as owner/name. {folder} is written: run `hf auth login` and "
                f"`hf upload {repository} {folder}`."
            ) from error
    return str(found.commit_url)

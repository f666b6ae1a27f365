"""`python -m xstilts.tasks` prints docs/tasks.md."""

import sys
from collections.abc import Iterator

from xstilts.metrics import metric
from xstilts.task import CONSTRUCTED, Task
from xstilts.tasks import TASKS

# where the revision was read, for data sets whose revision was not fetched from the hub itself
_NO_NAME = "several public source files that pin it, seen through a text search that does not give their names"
SEEN_IN = {
    "nyu-mll/glue": ("zenml-io/zenml, src/zenml/integrations/huggingface/materializers/huggingface_datasets_materializer.py"),
    "stanfordnlp/snli": _NO_NAME,
    "facebook/xnli": "embeddings-benchmark/mteb, mteb/tasks/PairClassification/multilingual/XNLI.py (as `xnli`)",
    "google-research-datasets/paws-x": _NO_NAME,
    "google/xtreme": _NO_NAME,
    "unimelb-nlp/wikiann": _NO_NAME,
    "Davlan/sib200": "embeddings-benchmark/mteb, mteb/tasks/Classification/multilingual/SIB200Classification.py",
    "facebook/anli": _NO_NAME,
    "rajpurkar/squad": _NO_NAME,
    "rajpurkar/squad_v2": _NO_NAME,
    "Rowan/hellaswag": _NO_NAME,
    "allenai/cosmos_qa": _NO_NAME,
    "tau/commonsense_qa": _NO_NAME,
    "lighteval/siqa": f"{_NO_NAME}; it is the head of main on the hub's page",
    "aps/super_glue": _NO_NAME,
    "google/xquad": "embeddings-benchmark/mteb, mteb/tasks/Retrieval/multilingual/XQuADRetrieval.py",
    "facebook/mlqa": "huggingface/lighteval, src/lighteval/tasks/multilingual/tasks/mlqa.py",
    "juletxara/tydiqa_xtreme": "a crawled copy of the hub's page; no public code that pins a revision was found",
    "cambridgeltl/xcopa": _NO_NAME,
    "facebook/belebele": _NO_NAME,
    "mteb/tatoeba-bitext-mining": ("embeddings-benchmark/mteb, mteb/tasks/bitext_mining/multilingual/tatoeba_bitext_mining.py"),
    "openlanguagedata/flores_plus": f"{_NO_NAME}; FLORES+ 4.6",
    "izhx/xtreme-r-udpos": "crawled copies of the hub's pages of its folders; the columns of its files were not seen",
    "mteb/BUCC": "embeddings-benchmark/mteb, mteb/tasks/bitext_mining/multilingual/bucc_bitext_mining.py",
}


def page() -> Iterator[str]:
    """Yield the lines of docs/tasks.md."""
    yield "# Tasks"
    yield ""
    yield "<!-- Written by `python -m xstilts.tasks > docs/tasks.md`; a test compares the two. -->"
    yield ""
    yield f"The {len(TASKS)} built-in tasks. Sizes are examples of the English splits on the hub."
    yield ""
    yield "| task | kind | data set | languages | metric | English train |"
    yield "|---|---|---|---:|---|---:|"
    for task in TASKS.values():
        name, languages = f"[{task.name}](#{task.name})", len(task.languages)
        train = f"{task.sizes['train']:,}" if "train" in task.sizes else "none"
        paths = ", ".join(f"`{path}`" for path in dict.fromkeys(data.path for data in task.datasets))
        yield f"| {name} | {task.kind} | {paths} | {languages} | {task.metric} | {task.train_from or train} |"
    for task in TASKS.values():
        yield from _section(task)
    yield from _unverified()


def _section(task: Task) -> Iterator[str]:
    languages = (tag if tag == code else f"{tag} `{code}`" for tag, code in task.languages.items())
    yield ""
    yield f"## {task.name}"
    yield ""
    yield f"{task.title}."
    yield ""
    scorer = metric(task.metric)
    yield f"- kind: {task.kind}; metric: {task.metric} (scorer version {scorer.version}); reader version {task.version}"
    for data in task.datasets:
        verified = "verified" if data.verified else "not verified, see the end of this page"
        splits = (role if role == name else f"{role} (`{name}`)" for role, name in data.splits.items())
        if data.path.startswith(CONSTRUCTED):
            place = "generated, see [constructed languages](constructed.md)"
        else:
            place = f"revision `{data.revision}` ({verified})" if data.revision else "not on the hub"
        yield f"- data: `{data.path}`, configuration `{data.config}`, {place}"
        if data.instead:
            other = data.instead
            yield f"- on the hub: `{other.path}`, configuration `{other.config}`, revision `{other.revision}`, same columns"
        yield f"- splits: {', '.join(splits)}"
        if data not in (task.data, *task.more):
            yield f"- of it are read: {', '.join(tag for tag in task.languages if task.data_of(tag) == data)}"
    if task.obtain:
        yield f"- to get: {task.obtain}"
    if task.train_from:
        yield f"- trained on: [{task.train_from}](#{task.train_from})"
    yield f"- sizes: {', '.join(f'{split} {size:,}' for split, size in task.sizes.items())}"
    if task.labels:
        yield f"- labels: {', '.join(task.labels)}"
    yield f"- languages ({len(task.languages)}): {', '.join(languages)}"
    yield f"- licence: {task.licence}"
    yield f"- cite: {task.citation}"
    yield f"- beware: {task.traps}"


def _unverified() -> Iterator[str]:
    """List the revisions that nobody has fetched from the hub yet; the list may only shrink."""
    datasets = (data for task in TASKS.values() if not task.obtain for data in task.datasets)
    revisions = {data.path: data.revision for data in datasets if not data.verified}
    if not revisions:
        return
    yield ""
    yield "## Revisions not verified"
    yield ""
    yield (
        "These were copied from public code that pins them. They were not fetched from the hub, so neither the commit "
        "nor the layout of its files has been checked."
    )
    yield ""
    yield "| data set | revision | seen in |"
    yield "|---|---|---|"
    for path, revision in revisions.items():
        yield f"| `{path}` | `{revision}` | {SEEN_IN[path]} |"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write("\n".join(page()) + "\n")

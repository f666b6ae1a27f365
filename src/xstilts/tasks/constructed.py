"""The tasks in constructed languages; docs/constructed.md says what they are and how large their splits are, and why.

`c_nli`, `c_qa` and `c_qa2` are large, to be intermediate tasks. A name that ends in a number is the same task with only so many
training examples, the first ones. One that ends in `_harbour` is its test in the other domain, with other nouns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from xstilts.constructed.choices import CHOICE
from xstilts.constructed.inference_pairs import NLI, NLI_LABELS, PARAPHRASE, PARAPHRASE_LABELS
from xstilts.constructed.items import Recipe
from xstilts.constructed.language import ENGLISH, FAMILY, Language
from xstilts.constructed.questions import ANSWERABLE, DOUBTFUL
from xstilts.constructed.sentences import (
    ACCEPTABILITY,
    ACCEPTABILITY_LABELS,
    NER,
    NER_LABELS,
    POS,
    POS_LABELS,
    RETRIEVAL,
    RETRIEVAL_HARD,
    TOPIC,
    TOPICS,
)
from xstilts.task import (
    CONSTRUCTED,
    Bitext,
    Choices,
    Example,
    HubData,
    Kind,
    LabelledText,
    Question,
    Row,
    Split,
    TaggedWords,
    Task,
    text_pair,
)

VALIDATION = 300
TEST = 600
LANGUAGES = {language.tag: code for code, language in FAMILY.items()}


def read_pair(row: Row) -> LabelledText:
    """Read two texts and how they relate."""
    return text_pair(row["first"], row["second"], row["label"])


def read_text(row: Row) -> LabelledText:
    """Read a text and its class."""
    return LabelledText(row["text"], None, row["label"])


def read_words(row: Row) -> TaggedWords:
    """Read words and their tags."""
    return TaggedWords(tuple(row["tokens"]), tuple(row["tags"]))


def read_question(row: Row) -> Question:
    """Read a row in SQuAD's columns; without answers the context holds none."""
    answers = row["answers"]
    return Question(row["context"], row["question"], tuple(answers["text"]), tuple(answers["answer_start"]))


def read_choice(row: Row) -> Choices:
    """Read the beginning of a sentence and two ways to go on."""
    return Choices(row["prompt"], (row["option1"], row["option2"]), row["label"])


def read_translation(row: Row) -> Bitext:
    """Read one pair of translations."""
    return Bitext(foreign=(row["sentence1"],), source=(row["sentence2"],), gold=((0, 0),))


_READERS: dict[str, tuple[Kind, str, Callable[[Row], Example], str]] = {  # data set -> kind, metric, reader, what it is
    "nli": ("classification", "accuracy", read_pair, "natural language inference"),
    "paraphrase": ("classification", "accuracy", read_pair, "whether two sentences say the same"),
    "qa": ("span", "squad", read_question, "questions about three sentences"),
    "qa2": ("span", "squad2", read_question, "questions about three sentences, half of them without an answer"),
    "choice": ("multiple_choice", "accuracy", read_choice, "which of two clauses is the cause or the effect of a third"),
    "pos": ("tagging", "token_accuracy", read_words, "parts of speech"),
    "ner": ("tagging", "span_f1", read_words, "names of persons and cities, some of which are both"),
    "topic": ("classification", "accuracy", read_text, "of what kind the things in three sentences are"),
    "acceptability": ("classification", "accuracy", read_text, "whether words are in an order that the language has"),
    "retrieval": ("retrieval", "accuracy", read_translation, "find a sentence's translation among unrelated ones"),
    "retrieval_hard": ("retrieval", "accuracy", read_translation, "find a sentence's translation among ones like it"),
}
# mean length of an English example
_CHARACTERS = {
    "nli": 89, "paraphrase": 86, "qa": 182, "qa2": 180, "choice": 56, "pos": 32, "ner": 31, "topic": 107, "acceptability": 39,
    "retrieval": 70, "retrieval_hard": 60,
}  # fmt: skip
_TRAPS = (
    "Made from a small world by rules; scores say how encoders transfer, not how they understand. English and the other "
    "languages say the same, row by row. "
)
_TRAPS_OF = {
    "nli": "Each hypothesis stands with all three labels, so it tells nothing alone; that one text is negated tells some.",
    "paraphrase": "Each second sentence stands with both labels, and both first sentences share as many words with it.",
    "qa": "Answers are without article and adposition, with their case.",
    "qa2": "Two questions a text, which differ in the person; the second has no answer.",
    "choice": "Two examples share their options, each right once.",
    "pos": "Constructed languages have no articles, and particles that English lacks.",
    "ner": "Names are spelled alike in all languages but `own`.",
    "topic": "A kind is seen in its nouns alone.",
    "acceptability": "Both sentences of a pair have the same words. What is out of order differs by language.",
    "retrieval": "Sentences share names with their translations: print the floor beside the score.",
    "retrieval_hard": "Four sentences in turn differ in one thing. A limit on evaluation parts rows that belong together.",
}


def _task(recipe: Recipe, labels: tuple[str, ...], train: int, *, domain: str = "village", trained: str | None = None) -> Task:
    kind, metric, reader, title = _READERS[recipe.name]
    name = f"c_{recipe.name}"
    retrieval = kind == "retrieval"
    sizes: dict[Split, int] = {"test": TEST} if retrieval else {"validation": VALIDATION, "test": TEST}
    if trained:
        name += f"_{domain}" if domain != "village" else f"_{train}"
    elif train:
        sizes["train"] = train
    return Task(
        name=name,
        title=f"{title[0].upper()}{title[1:]}, in constructed languages{' (harbour)' if domain == 'harbour' else ''}",
        version=recipe.version,
        kind=kind,
        labels=labels,
        data=HubData(
            path=f"{CONSTRUCTED}{recipe.name}",
            config=f"{{code}}.{domain}",
            revision="",
            verified=True,
            splits={split: split for split in ("train", "validation", "test") if split in sizes},
        ),
        languages={tag: code for tag, code in LANGUAGES.items() if not retrieval or code != ENGLISH.code},
        metric=metric,
        read_row=reader,
        train_from=trained,
        sizes=sizes,
        characters=_CHARACTERS[recipe.name],
        licence="Apache-2.0, as this package, which makes the data",
        citation="This package, 2026",
        traps=_TRAPS + _TRAPS_OF[recipe.name],
    )


def _tasks() -> Iterator[Task]:
    yield _task(NLI, NLI_LABELS, 12_000)
    yield _task(PARAPHRASE, PARAPHRASE_LABELS, 6_000)
    yield _task(ANSWERABLE, (), 12_000)
    yield _task(DOUBTFUL, (), 12_000)
    yield _task(CHOICE, (), 4_000)
    yield _task(POS, POS_LABELS, 1_000)
    yield _task(NER, NER_LABELS, 1_000)
    yield _task(TOPIC, TOPICS, 1_000)
    yield _task(ACCEPTABILITY, ACCEPTABILITY_LABELS, 4_000)
    yield _task(RETRIEVAL, (), 0)
    yield _task(RETRIEVAL_HARD, (), 0)
    yield _small(PARAPHRASE, PARAPHRASE_LABELS, 500)
    yield _small(ANSWERABLE, (), 500)
    yield _small(CHOICE, (), 200)
    yield _task(NLI, NLI_LABELS, 0, domain="harbour", trained="c_nli")
    yield _task(PARAPHRASE, PARAPHRASE_LABELS, 0, domain="harbour", trained="c_paraphrase")
    yield _task(ANSWERABLE, (), 0, domain="harbour", trained="c_qa")
    yield _task(POS, POS_LABELS, 0, domain="harbour", trained="c_pos")


def _small(recipe: Recipe, labels: tuple[str, ...], train: int) -> Task:
    """Return a task with the first `train` training examples only."""
    task = _task(recipe, labels, train)
    return replace(task, name=f"{task.name}_{train}", title=f"{task.title}, {train} training examples")


TASKS = tuple(_tasks())


def with_declared(tasks: Mapping[str, Task], declared: Iterable[Language]) -> dict[str, Task]:
    """Return name -> task; those in constructed languages have a study's declared ones too, behind the family's."""
    more = {each.tag: each.code for each in declared}
    return {
        name: replace(task, languages={**task.languages, **more}) if task.data.path.startswith(CONSTRUCTED) else task
        for name, task in tasks.items()
    }

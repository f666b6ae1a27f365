"""Task, Kind, where a task's rows lie, and the example types that readers return (those of ranking: `passages`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from xstilts.bad_row import BadRowError as BadRowError  # noqa: PLC0414 (readers import it from here)
from xstilts.bad_row import require_text
from xstilts.passages import Candidate, Match, Search

Kind = Literal["classification", "multiple_choice", "tagging", "span", "ranking", "retrieval"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Split = Literal["train", "validation", "test"]
Row = Mapping[str, Any]
LINE, PROBLEM = "(line)", "(problem)"  # columns that rows of own files have: their 1-based line, and what is wrong with them


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One text, or a pair of texts, with a class (None where a test set keeps its labels to itself)."""

    first: str
    second: str | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        """Refuse a text that is missing or empty."""
        require_text(self.first, "the first text")
        if self.second is not None:
            require_text(self.second, "the second text")


@dataclass(frozen=True, slots=True)
class TaggedWords:
    """One sentence as words, with one tag a word (None where a test set keeps its tags to itself)."""

    words: tuple[str, ...]
    tags: tuple[str, ...] | None

    def __post_init__(self) -> None:
        """Refuse an empty sentence and tags that do not stand one to a word."""
        if not self.words:
            raise BadRowError("the sentence has no words; expected at least one")
        for i, word in enumerate(self.words):
            if not isinstance(word, str) or not word:
                raise BadRowError(f"word {i} is {word!r}; expected text")
        if self.tags is not None and len(self.words) != len(self.tags):
            raise BadRowError(f"{len(self.words)} words but {len(self.tags)} tags; expected one tag a word")


@dataclass(frozen=True, slots=True)
class Bitext:
    """Sentences of a foreign language, sentences of the source language, and which are translations (0-based)."""

    foreign: tuple[str, ...]
    source: tuple[str, ...]
    gold: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Refuse empty sentences and pairs that point outside the two lists."""
        for side, sentences in (("foreign", self.foreign), ("source", self.source)):
            for i, sentence in enumerate(sentences):
                require_text(sentence, f"{side} sentence {i}")
        for i, j in self.gold:
            if not (0 <= i < len(self.foreign) and 0 <= j < len(self.source)):
                limits = f"0..{len(self.foreign) - 1} and 0..{len(self.source) - 1}"
                raise BadRowError(f"gold pair ({i}, {j}) points outside the sentences; expected {limits}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text that all languages of a task have; `id` is the same in each."""

    id: str
    text: str

    def __post_init__(self) -> None:
        """Refuse an empty sentence."""
        require_text(self.text, "the sentence")


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a text, answered by a part of it.

    Attributes:
        context: the text.
        question: the question.
        answers: acceptable answers; none means that the text holds no answer.
        starts: where each answer begins, in characters of `context`.

    """

    context: str
    question: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse empty texts and answers that are not where `starts` says."""
        require_text(self.context, "the context")
        require_text(self.question, "the question")
        if len(self.answers) != len(self.starts):
            raise BadRowError(f"{len(self.answers)} answers but {len(self.starts)} starts; expected one start an answer")
        for answer, start in zip(self.answers, self.starts, strict=True):
            require_text(answer, "an answer")
            found = self.context[start : start + len(answer)] if start >= 0 else ""
            if found != answer:
                raise BadRowError(f"the context has {found!r} at character {start}; expected the answer {answer!r}")


@dataclass(frozen=True, slots=True)
class Choices:
    """A text and ways to go on from it, of which one is right (`label`, 0-based; None where it is not told)."""

    prompt: str
    options: tuple[str, ...]
    label: int | None

    def __post_init__(self) -> None:
        """Refuse empty texts, fewer than two options, and a label that is none of them."""
        require_text(self.prompt, "the prompt")
        if len(self.options) < 2:
            raise BadRowError(f"{len(self.options)} options; expected at least 2")
        for i, option in enumerate(self.options):
            require_text(option, f"option {i}")
        if self.label is not None and self.label not in range(len(self.options)):
            raise BadRowError(f"label {self.label!r}; expected an integer 0..{len(self.options) - 1}")


Example = LabelledText | TaggedWords | Question | Choices | Bitext | Sentence | Match | Candidate | Search


def text_pair(first: str, second: str, label: str | None) -> LabelledText:
    """Return a pair of texts; unlike `LabelledText` it refuses a second text that is missing."""
    require_text(second, "the second text")
    return LabelledText(first, second, label)


def label_name(labels: Sequence[str], index: object) -> str:
    """Return the name of an integer label; unlike plain indexing it refuses -1, the hub's mark for "no label"."""
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(labels):
        raise BadRowError(f"label {index!r}; expected an integer 0..{len(labels) - 1} for {', '.join(labels)}")
    return labels[index]


def position(keys: Sequence[str], key: object) -> int:
    """Return where the right answer's mark stands among the options' marks; it refuses "", the hub's mark for "not told"."""
    if key not in keys:
        raise BadRowError(f"the right answer is {key!r}; expected one of {', '.join(keys)}")
    return keys.index(str(key))


@dataclass(frozen=True)
class HubData:
    """Where a task lies on the Hugging Face hub.

    Attributes:
        path: dataset id, `owner/name`.
        config: configuration name; `{code}` stands for the language's code in this dataset.
        revision: commit of the dataset, part of every key.
        verified: whether the revision was fetched from the hub itself and read; docs/tasks.md lists those that were not.
        splits: the hub's name of each split that exists.
        prefixes: canonical tag -> how the `id` of its rows begins, where one configuration holds all languages.
        instead: a data set with the same columns that the hub is asked for, where `path` there needs a loading script;
            mirrors have the data under `path`.

    """

    path: str
    config: str
    revision: str
    verified: bool = False
    splits: Mapping[Split, str] = field(default_factory=lambda: {"train": "train", "validation": "validation", "test": "test"})
    prefixes: Mapping[str, str] = field(default_factory=dict)
    instead: "HubData | None" = None


@dataclass(frozen=True)
class OwnFiles:
    """The files of a study's own task.

    Attributes:
        paths: (split, canonical tag) -> file.
        columns: role -> the columns that the study names for it.

    """

    paths: Mapping[tuple[Split, str], Path]
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Task:
    """One dataset with its reader, labels, languages, kind and metric; a value, declared in `xstilts.tasks` or by a study.

    Attributes:
        name: as written in study files.
        version: of the reader; raise it when any example could change. Part of every key.
        kind: the form of the task; it fixes head, loss and decoding.
        labels: classes or tags, in the order of the head's outputs; empty for kinds that have none, and where they are
            those of the training examples, sorted (CCG's supertags).
        languages: canonical tag -> the language's code in the dataset.
        metric: name of the scorer in `xstilts.metrics`.
        read_row: one row of the dataset -> example; None for a row that the task leaves out by its definition.
        more: further data sets with the same columns, read by the same reader: each split goes on with theirs (ANLI+).
        pool: ranking: where the candidates lie that all languages share; None where each language's rows hold their own and
            the pool is all of them.
        elsewhere: language -> the data set that holds it, where `data` does not; same columns, same reader.
        multiway: of retrieval: each language is a file of the same sentences (`Sentence`), so that any two can be compared.
        train_from: name of the task whose training data a target without its own is trained on (XQuAD: SQuAD v1.1).
        sizes: examples of the source-language splits on the hub, for the plan's estimates.
        characters: mean length of an example, all its inputs together, for the same; 0 where nobody measured it.
        traps: what goes wrong with this dataset, for docs/tasks.md.
        obtain: where its data come from when they are not on the hub, which `data` then names only by convention.
        parallel: whether rows of the same number are translations of each other in all languages; statistics draw them
            together.
        own: the files of a study's own task; None for the built-in ones.

    """

    name: str
    version: int
    kind: Kind
    labels: tuple[str, ...]
    data: HubData
    languages: Mapping[str, str]
    metric: str
    read_row: Callable[[Row], Example | None]
    licence: str
    citation: str
    title: str
    sizes: Mapping[Split, int] = field(default_factory=dict)
    characters: int = 0
    traps: str = ""
    obtain: str = ""
    more: tuple[HubData, ...] = ()
    pool: HubData | None = None
    elsewhere: Mapping[str, HubData] = field(default_factory=dict)
    multiway: bool = False
    train_from: str | None = None
    parallel: bool = False
    own: OwnFiles | None = None

    @property
    def datasets(self) -> tuple[HubData, ...]:
        """All data sets that the task is read from: those of its rows in their order, then those of single languages."""
        return (self.data, *self.more, *{data.path: data for data in self.elsewhere.values()}.values())

    def training_task(self, tasks: Mapping[str, "Task"]) -> "Task":
        """Return the task whose examples this one is trained on as a target: of `tasks`, the one it names, else itself."""
        return tasks[self.train_from] if self.train_from else self

    def data_of(self, language: str) -> HubData:
        """Return the data set that holds `language` (a canonical tag of `languages`), the first where it is in several."""
        return self.elsewhere.get(language, self.data)

    def parts(self, language: str) -> tuple["Task", ...]:
        """Return the task as it is read from each of its data sets alone in one language; the sizes are those of the whole."""
        datasets = (self.data_of(language), *self.more)
        return tuple(replace(self, data=data, more=(), elsewhere={}, sizes={}) for data in datasets)

    def config(self, language: str) -> str:
        """Return the configuration that holds `language` (a canonical tag of `languages`) in `data_of(language)`."""
        return self.data_of(language).config.format(code=self.languages[language])

    def read(self, row: Row) -> Example | None:
        """Read one row and check its labels against the declaration.

        Raises:
            BadRowError: for a missing column, a value of a wrong type, an empty text or an unknown label.

        """
        try:
            example = self.read_row(row)
        except KeyError as error:
            columns = ", ".join(row)
            raise BadRowError(f"no column {error.args[0]!r}; the columns are {columns}") from error
        except BadRowError:
            raise
        except (TypeError, AttributeError, ValueError, IndexError) as error:
            raise BadRowError(f"a value of a wrong type ({error})") from error
        if isinstance(example, LabelledText) and example.label is not None and not self._knows(example.label):
            raise BadRowError(f"label {example.label!r}; expected one of {', '.join(self.labels)}")
        if isinstance(example, TaggedWords) and (strange := {tag for tag in example.tags or () if not self._knows(tag)}):
            raise BadRowError(f"tag {min(strange)!r}; expected one of {', '.join(self.labels)}")
        return example

    def _knows(self, label: str) -> bool:
        return not self.labels or label in self.labels

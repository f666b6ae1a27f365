"""The texts of an example, by field: what is compared between training and evaluation data."""

from collections.abc import Iterator, Mapping

from xstilts.data import DataFile
from xstilts.data.duplicates import normalised
from xstilts.data.read import read_bitext, read_examples
from xstilts.passages import Candidate, Match, Search
from xstilts.supply.needs import Needs, Reader
from xstilts.task import Choices, Example, LabelledText, Question, Sentence, TaggedWords

Texts = Mapping[str, str]  # field -> text, normalised


def texts_of(example: Example) -> Texts:
    """Return an example's texts without its label; words are joined with spaces, options with " / "."""
    if isinstance(example, LabelledText):
        pair = (
            {"text": example.first} if example.second is None else {"first text": example.first, "second text": example.second}
        )
    elif isinstance(example, Question):
        pair = {"context": example.context, "question": example.question}
    elif isinstance(example, Choices):
        pair = {"prompt": example.prompt, "options": " / ".join(example.options)}
    elif isinstance(example, Sentence):
        pair = {"sentence": example.text}
    elif isinstance(example, Match):
        pair = {"question": example.query, "context": example.context or example.passage}
    elif isinstance(example, Search):
        context = next((one.context for one in example.candidates), None)  # all stand in one
        pair = {"question": example.query} | ({"context": context} if context else {})
    elif isinstance(example, Candidate):
        pair = {"context": example.context or example.passage}
    else:
        assert isinstance(example, TaggedWords), (
            "pairs of retrieval are no examples of their own: their sentences are read one by one"
        )
        pair = {"sentence": " ".join(example.words)}
    return {field: normalised(text) for field, text in pair.items()}


def read_texts(needs: Needs, file: DataFile, reader: Reader) -> Iterator[Texts]:
    """Yield the texts of the examples that a study reads from a file; labels do not matter.

    Each sentence of retrieval's pairs is an example, under `foreign` or `source`.

    Raises:
        DataError: when the file cannot be read.

    """
    task, limits = needs.plan.tasks[reader.task], needs.plan.study.limit
    if task.kind == "retrieval" and not task.multiway:
        bitext = read_bitext(needs.source, task, file, limit=limits.evaluate, on_bad_row="skip").bitext
        for field, sentences in (("foreign", bitext.foreign), ("source", bitext.source)):
            for sentence in sentences:
                yield {field: normalised(sentence)}
        return
    limit = limits.train if reader.role == "train" else limits.evaluate
    for example in read_examples(needs.source, task, file, limit=limit, on_bad_row="skip").items:
        yield texts_of(example)

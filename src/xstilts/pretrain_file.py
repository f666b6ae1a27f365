"""A pretraining file -> PretrainSpec; every mistake in it at once, each with its line."""

import json
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from xstilts.data.corpus import languages_of
from xstilts.errors import StudyError, unknown
from xstilts.family_file import load_family
from xstilts.pretrain_spec import PretrainSpec
from xstilts.study_check import mapping
from xstilts.study_places import encoder_problems, look_up, not_found
from xstilts.study_wording import dotted, validated
from xstilts.study_yaml import Mistake, Place, read_document

ROBERTA = ("xlm-roberta", "roberta")  # whose masked-LM head the objective knows
FAMILY_FILE: Place = ("corpus", "constructed", "family")
EXAMPLE = "`corpus: {text: folder}`, `sizes: {nano: {hidden: 192, layers: 4, heads: 6}}` and `train: {updates: 2000}`"


def load_pretraining(path: str | Path) -> PretrainSpec:
    """Read a pretraining file; in the result folders are absolute. Of the corpus only lists of files are looked at.

    Raises:
        StudyError: with every mistake of the file, in the order of its lines.

    """
    path = Path(path)
    document = read_document(path, example=EXAMPLE)
    data = document.data
    spec, mistakes = validated(PretrainSpec, data)
    folders: dict[Place, Path] = {}
    for place, written in _paths(data):
        found, tried = look_up(written, path.absolute().parent)
        if found:
            folders[place] = found
        else:
            mistakes.append(Mistake(place, not_found(dotted(place), written, tried)))
    mistakes += [*_corpus_mistakes(data, folders), *_start_mistakes(folders)]
    if spec is not None:
        mistakes += _combined(spec)
    problems = document.problems(mistakes)
    if spec is None or problems:
        raise StudyError(str(path), problems)
    return _with_places(spec, folders)


def _paths(data: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield the places that hold the path of a folder."""
    for field in ("text", "parallel"):
        written = mapping(data.get("corpus")).get(field)
        if isinstance(written, str):
            yield ("corpus", field), written
        for i, one in enumerate(written if isinstance(written, list) else ()):
            if isinstance(one, str):
                yield ("corpus", field, i), one
    family = mapping(mapping(data.get("corpus")).get("constructed")).get("family")
    if isinstance(family, str):
        yield FAMILY_FILE, family
    for section, field in (("tokenizer", "path"), ("init", "start")):
        written = mapping(data.get(section)).get(field)
        if isinstance(written, str):
            yield (section, field), written


def _corpus_mistakes(data: Mapping[str, Any], folders: Mapping[Place, Path]) -> Iterator[Mistake]:
    corpus = mapping(data.get("corpus"))
    held = {place: languages_of(folder) for place, folder in folders.items() if place[1] in ("text", "parallel")}
    made = yield from _made(mapping(corpus.get("constructed")), folders.get(FAMILY_FILE))
    asked = corpus.get("languages")
    wanted = {language for language in asked if isinstance(language, str)} if isinstance(asked, list) else set()
    for place, files in held.items():
        chosen = [language for language in files if not wanted or language in wanted]
        text = f"`{dotted(place)}`: {folders[place]} holds"
        if not chosen:
            what = f"no file of {', '.join(sorted(wanted))}" if files else "no <language>.txt or <language>.txt.gz"
            yield Mistake(place, f"{text} {what}. Correct the path, or take the folder out.")
        elif place[1] == "parallel" and len(chosen) < 2:
            yield Mistake(place, f"{text} one language only, {chosen[0]}: nothing is a translation. Name it under `text:`.")
    every = sorted({language for files in held.values() for language in files})
    if not every and not made:
        return
    if asked and not held:
        text = (
            "chooses among the files of folders, and the corpus names none. Remove it: `corpus.constructed.languages` decides."
        )
        yield Mistake(("corpus", "languages"), f"`corpus.languages` {text}")
        asked = None
    for i, language in enumerate(asked if isinstance(asked, list) else ()):
        if isinstance(language, str) and language not in every:
            yield Mistake(("corpus", "languages", i), f"`corpus.languages`: {unknown('language', language, every)}")
    pivot, usable = corpus.get("pivot"), sorted({*(sorted(wanted) or every), *made})
    if isinstance(pivot, str) and pivot not in usable:
        yield Mistake(("corpus", "pivot"), f"`corpus.pivot`: {unknown('language', pivot, usable)}")


def _made(written: Mapping[str, Any], file: Path | None) -> Generator[Mistake, None, list[str]]:
    """Yield what is wrong with the constructed languages; return their codes."""
    place: Place = ("corpus", "constructed", "languages")
    try:
        family = load_family(file)
    except StudyError as error:
        yield Mistake(FAMILY_FILE, f"`{dotted(FAMILY_FILE)}`: {error}")
        return []
    asked = written.get("languages")
    codes = [code for code in asked if isinstance(code, str)] if isinstance(asked, list) else []
    for i, code in enumerate(codes):
        if code not in family:
            yield Mistake((*place, i), f"`{dotted(place)}`: {unknown('constructed language', code, family)}")
    return codes


def _start_mistakes(folders: Mapping[Place, Path]) -> Iterator[Mistake]:
    """Yield what is wrong with folders that a model or tokenizer is taken from."""
    place: Place = ("init", "start")
    if place in folders:
        problems = list(encoder_problems(folders[place]))
        yield from (Mistake(place, f"`init.start`: {text}") for text in problems)
        kind = None if problems else json.loads((folders[place] / "config.json").read_bytes()).get("model_type")
        if not problems and kind not in ROBERTA:
            yield Mistake(
                place,
                f"`init.start`: {folders[place]} is of type '{kind}'; pretraining goes on with {' and '.join(ROBERTA)}, whose "
                "masked-LM head it knows. Choose another encoder.",
            )
    place = ("tokenizer", "path")
    if place in folders and not (folders[place] / "tokenizer.json").is_file():
        yield Mistake(
            place, f"`tokenizer.path`: {folders[place]} lacks tokenizer.json. Save the tokenizer there, or train one."
        )


def _combined(spec: PretrainSpec) -> Iterator[Mistake]:
    """Yield fields that do not go together."""
    if spec.init.start is None and not spec.sizes:
        yield Mistake(
            (), "the pretraining lacks `sizes`. Add them, for example `sizes: {nano: {hidden: 192, layers: 4, heads: 6}}`."
        )
    for field in ("sizes", "tokenizer"):
        if spec.init.start is not None and field in spec.model_fields_set:
            yield Mistake((field,), f"`{field}` is that of the encoder under `init.start`. Take `{field}:` out.")
    made = spec.corpus.constructed
    if spec.objective.translation > 0 and not spec.corpus.parallel and (made is None or len(made.languages) < 2):
        yield Mistake(
            ("objective", "translation") if "objective" in spec.model_fields_set else ("corpus",),
            f"`objective.translation` is {spec.objective.translation:g}, but `corpus.parallel` names no folder. Name one, "
            "or write `objective: {translation: 0}`.",
        )


def _with_places(spec: PretrainSpec, folders: Mapping[Place, Path]) -> PretrainSpec:
    def of(field: str) -> tuple[Path, ...]:
        return tuple(folder for place, folder in folders.items() if place[:2] == ("corpus", field))

    corpus = spec.corpus.model_copy(update={"text": of("text"), "parallel": of("parallel")})
    if corpus.constructed is not None and (family := folders.get(FAMILY_FILE)):
        corpus = corpus.model_copy(update={"constructed": corpus.constructed.model_copy(update={"family": family})})
    changed: dict[str, Any] = {"corpus": corpus}
    if path := folders.get(("tokenizer", "path")):
        changed["tokenizer"] = spec.tokenizer.model_copy(update={"path": path})
    if start := folders.get(("init", "start")):
        changed["init"] = spec.init.model_copy(update={"start": start})
    return spec.model_copy(update=changed)

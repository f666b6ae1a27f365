"""What `xstilts tasks` and `xstilts languages` tell."""

from collections.abc import Sequence
from typing import Any

from xstilts.display import print_table
from xstilts.errors import LanguageError
from xstilts.language_facts import SOURCES
from xstilts.languages import Language, all_languages, candidates, language
from xstilts.tasks import TASKS


def task_table(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is known of each task, in plain values."""
    return [
        {
            "name": task.name,
            "title": task.title,
            "kind": task.kind,
            "metric": task.metric,
            "reader_version": task.version,
            "labels": list(task.labels),
            "languages": list(task.languages),
            "hub": task.data.path,
            "revision": task.data.revision,
            "verified": all(data.verified for data in task.datasets),
            "splits": dict(task.data.splits),
            "more_data": [
                f"{data.path}/{data.config}@{data.revision}({', '.join(data.splits.values())})" for data in task.more
            ],
            "train_from": task.train_from or "",
            "sizes": dict(task.sizes),
            "licence": task.licence,
            "citation": task.citation,
            "traps": task.traps,
        }
        for task in (TASKS[name] for name in names)
    ]


def print_tasks(table: Sequence[dict[str, Any]]) -> None:
    """Print one line a task, or all about a single one."""
    if len(table) > 1:
        columns = ["name", "kind", "metric", "languages", "hub"]
        rows = [[t["name"], t["kind"], t["metric"], len(t["languages"]), t["hub"]] for t in table]
        print_table(columns, rows, notes=["`xstilts tasks NAME` tells all about one."])
        return
    rows = [[field, _plain(value)] for field, value in table[0].items()]
    print_table(["", table[0]["name"]], rows)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {item}" for name, item in value.items())
    return str(value)


def language_table(code: str | None) -> list[dict[str, Any]]:
    """Return the languages a code may mean, all without one, each with the tasks that have it.

    Raises:
        LanguageError: for an unknown code.

    """
    found: Sequence[Language] = all_languages() if code is None else candidates(code)
    if not found:
        assert code is not None
        language(code)  # raises, with the nearest code
        raise LanguageError(code)
    return [
        {
            "tag": one.tag,
            "name": one.name,
            "iso639_1": one.iso639_1,
            "aliases": list(one.aliases),
            **{
                name: {"value": getattr(one.facts, name), "entry": one.facts.entries[name], "source": source.citation}
                for name, source in SOURCES.items()
            },
            "tasks": [task.name for task in TASKS.values() if one.tag in task.languages],
        }
        for one in found
    ]


def print_languages(table: Sequence[dict[str, Any]]) -> None:
    """Print one line a language, or all about a single one, with the sources of the facts."""
    if len(table) == 1:
        rows = [[field.replace("_", " "), _told(value)] for field, value in table[0].items()]
        notes = [f"{name.replace('_', ' ')}: {source.citation}. Licence: {source.licence}." for name, source in SOURCES.items()]
        print_table(["", table[0]["tag"]], rows, notes=notes)
        return
    columns = ["tag", "name", "ISO 639-1", "family", "class", "speakers", "also written", "tasks"]
    rows = [
        [
            one["tag"], one["name"], one["iso639_1"], one["family"]["value"], one["resource_class"]["value"],
            _count(one["speakers"]["value"]), " ".join(one["aliases"]), " ".join(one["tasks"]),
        ]
        for one in table
    ]  # fmt: skip
    print_table(
        columns, rows, notes=["class: resources, 0 to 5. `xstilts languages TAG` tells all about one, with its sources."]
    )


def _told(value: Any) -> str:
    if not isinstance(value, dict):
        return _plain(value)
    known = "unknown" if value["value"] is None else _count(value["value"])
    return f"{known} ({value['entry']})" if value["entry"] else known


def _count(value: str | int | None) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else value

"""The built-in tasks, one file each; to add one, copy `xnli.py` and add a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from xstilts.errors import XstiltsError, unknown
from xstilts.task import Task
from xstilts.tasks import (
    anli_plus,
    belebele,
    bucc,
    ccg,
    ccg_questions,
    commonsenseqa,
    constructed,
    copa,
    cosmosqa,
    flores200,
    hellaswag,
    lareqa,
    mewslix,
    mlqa,
    mnli,
    panx,
    pawsx,
    qqp,
    sib200,
    siqa,
    snli,
    squad_sentences,
    squad_v1,
    squad_v2,
    tatoeba,
    tydiqa,
    udpos,
    xcopa,
    xnli,
    xquad,
)

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            mnli.TASK,
            snli.TASK,
            anli_plus.TASK,
            qqp.TASK,
            squad_v1.TASK,
            squad_v2.TASK,
            squad_sentences.TASK,
            hellaswag.TASK,
            cosmosqa.TASK,
            commonsenseqa.TASK,
            ccg.TASK,
            ccg_questions.TASK,
            siqa.TASK,
            copa.TASK,
            xnli.TASK,
            pawsx.TASK,
            udpos.TASK,
            panx.TASK,
            xquad.TASK,
            mlqa.TASK,
            tydiqa.TASK,
            xcopa.TASK,
            sib200.TASK,
            belebele.TASK,
            tatoeba.TASK,
            lareqa.TASK,
            mewslix.TASK,
            bucc.TASK,
            flores200.TASK,
            *constructed.TASKS,
        )
    }
)


def task(name: str) -> Task:
    """Return the task of that name.

    Raises:
        XstiltsError: when no task has the name; the message gives the nearest one.

    """
    if name not in TASKS:
        raise XstiltsError(unknown("task", name, TASKS, hint=f"`xstilts tasks` lists all {len(TASKS)}."))
    return TASKS[name]

"""What a stage ran on: installed versions, and the commit of the checkout where there is one."""

import platform
import re
import subprocess
from importlib.metadata import version

import pytest

from xstilts import provenance as room
from xstilts.provenance import PACKAGES, provenance


@pytest.fixture(autouse=True)
def fresh() -> None:
    provenance.cache_clear()


def test_versions_are_those_installed() -> None:
    found = provenance()
    assert found["packages"] == {name: version(name) for name in PACKAGES}
    assert (found["python"], found["processors"] > 0) == (platform.python_version(), True)
    assert found["commit"] is None or re.fullmatch(r"[0-9a-f]{40}\+?", found["commit"])


def test_what_is_not_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PACKAGES", ("xstilts", "no-such-package"))

    def no_git(*_: object, **__: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", no_git)
    assert provenance()["packages"] == {"xstilts": version("xstilts"), "no-such-package": None}
    assert provenance()["commit"] is None

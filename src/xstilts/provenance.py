"""What a stage ran on: versions, commit, machine. It is recorded beside every stage and is part of no key."""

import os
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("xstilts", "torch", "transformers", "tokenizers", "datasets", "huggingface_hub", "numpy", "pyarrow")


@cache
def provenance() -> dict[str, Any]:
    """Return package versions, the commit of this checkout (None outside one), Python, platform and processors."""
    return {
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the commit of the source tree, with `+` behind it where files were changed."""
    folder = Path(__file__).parent
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty=+", "--abbrev=40", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None

"""Reads splits through `Hub`, in a process of its own: HF_ENDPOINT, HF_HOME and HF_HUB_OFFLINE are read at import.

Takes a list of identities as JSON on standard input; prints for each what came of it, and what is left of the settings
that `Hub` changes while it works.
"""

import json
import logging
import os
import sys
import time
import urllib.request

import datasets
import huggingface_hub

from xstilts.data import DataFile
from xstilts.data.hub import Hub
from xstilts.errors import DataError

time.sleep = lambda _: None  # five tries with growing pauses take half a minute
datasets.config.S3_DATASETS_BUCKET_PREFIX = os.environ["HF_ENDPOINT"] + "/counts"


def read(identity: dict[str, str]) -> dict[str, object]:
    file = DataFile(identity=identity, rows=None, deviation="", origin="ORIGIN")
    try:
        return {"rows": Hub({}).table(file).to_pylist()}
    except DataError as error:
        return {"error": str(error), "cause": type(error.__cause__).__name__}


def main() -> None:
    outcomes = []
    for number, identity in enumerate(json.load(sys.stdin)):
        if "HF_HUB_OFFLINE" not in os.environ and "127.0.0.1:9" not in os.environ["HF_ENDPOINT"]:
            urllib.request.urlopen(f"{os.environ['HF_ENDPOINT']}/datasets/toy/nli/resolve/{'a' * 40}/README.md?{number}")
        outcomes.append(read(identity))
    settings = {
        "bars disabled": any(library.are_progress_bars_disabled() for library in (datasets, huggingface_hub.utils)),
        "level": logging.getLogger("datasets").level,
        "counts": datasets.config.HF_UPDATE_DOWNLOAD_COUNTS,
        "telemetry disabled": huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY,
        "offline": datasets.config.HF_HUB_OFFLINE,
    }
    json.dump({"outcomes": outcomes, "settings": settings}, sys.stdout)


main()

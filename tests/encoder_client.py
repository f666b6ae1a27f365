"""Fetches and identifies encoders, in a process of its own: HF_ENDPOINT, HF_HOME and HF_HUB_OFFLINE are read at import.

Takes a list of [verb, fields of an Encoder] as JSON on standard input; prints what came of each, and whether torch is loaded.
"""

import json
import sys
import time
from typing import Any

from xstilts.encoder import fetch, identify
from xstilts.errors import EncoderError
from xstilts.spec import Encoder

time.sleep = lambda _: None  # five tries with a pause each take seconds


def told(verb: str, encoder: Encoder) -> dict[str, Any]:
    try:
        if verb == "fetch":
            return {"folder": str(fetch(encoder))}
        identity = identify(encoder)
    except EncoderError as error:
        return {"error": str(error)}
    return {"weights": identity.weights, "tokenizer": identity.tokenizer, "folder": identity.folder and str(identity.folder)}


def main() -> None:
    outcomes = [told(verb, Encoder.model_validate(fields)) for verb, fields in json.load(sys.stdin)]
    json.dump({"outcomes": outcomes, "torch": "torch" in sys.modules}, sys.stdout)


main()

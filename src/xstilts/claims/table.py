"""The table of verdicts: printed, as JSON values, and as files beside the results."""

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xstilts.claims.verdicts import Verdict
from xstilts.claims.wording import effect_in_words
from xstilts.digests import write_atomically
from xstilts.display import print_table
from xstilts.store import Store, disk_errors

SHOWN = (
    "claim",
    "effect",
    "expected",
    "measured",
    "95%",
    "verdict",
    "confidence",
    "seeds",
    "languages",
    "examples",
    "quotation",
)


def record(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON values: the columns of claims.csv; None where a number does not exist."""
    claim, source = verdict.claim, verdict.claim.source
    return {
        "claim": claim.name,
        "statement": claim.statement,
        "effect": effect_in_words(claim.effect) if claim.effect else "",
        "expected": verdict.expected,
        "value": verdict.value,
        "low": verdict.measured.low if verdict.measured else None,
        "high": verdict.measured.high if verdict.measured else None,
        "verdict": verdict.verdict,
        "confidence": verdict.confidence,
        "seeds": verdict.seeds,
        "languages": verdict.languages,
        "examples": verdict.examples,
        "reason": verdict.reason,
        "grounded": verdict.grounded,
        "verified": source.verified,
        "source": source.cite,
        "document": str(source.document) if source.document else "",
        "page": source.page,
        "quotation": source.quotation,
        "rows": list(verdict.rows),
    }


def write_claims(verdicts: Sequence[Verdict], store: Store) -> Path:
    """Write claims.json and claims.csv in the store's folder; returns the path of the latter. In it `rows` are joined with `,`.

    Raises:
        StoreError: when the disk is full or the folder cannot be written; earlier files then stay as they are.

    """
    records = [record(verdict) for verdict in verdicts]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]) if records else ["claim"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**one, "rows": ",".join(one["rows"])} for one in records)
    path = store.out / "claims.csv"
    with disk_errors(store.out):
        store.out.mkdir(parents=True, exist_ok=True)
        write_atomically(path.with_suffix(".json"), json.dumps(records, indent=1, ensure_ascii=False).encode())
        write_atomically(path, text.getvalue().encode())
    return path


def print_claims(verdicts: Sequence[Verdict], study: str) -> None:
    """Print one row a claim, and below the table what one has to know to read it."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    unverified = sum(not verdict.claim.source.verified for verdict in verdicts)
    notes = [
        ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + ".",
        "Supported: the claim holds in the whole 95% interval; contradicted: nowhere in it. Confidence: the share of resampled "
        "values in which it holds. docs/claims.md has the rules.",
    ]
    if unverified:
        notes.append(f"{unverified} claims were not compared with their source (`verified: false`).")
    reasons: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.reason:
            reasons.setdefault(verdict.reason, []).append(verdict.claim.name)
    for reason, names in reasons.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        notes.append(f"{', '.join(names[:3])}{more}: {reason}.")
    print_table(SHOWN, [_row(verdict) for verdict in verdicts], title=f"{study}: claims, in points", notes=notes)


def _row(verdict: Verdict) -> list[Any]:
    claim, interval = verdict.claim, verdict.measured
    value = "" if verdict.value is None else f"{verdict.value:+.2f}"
    confidence = "" if verdict.confidence is None else f"{verdict.confidence:.3f}"
    between = f"{interval.low:+.2f}..{interval.high:+.2f}" if interval else ""
    effect = effect_in_words(claim.effect) if claim.effect else ""
    counts = [verdict.seeds, verdict.languages, verdict.examples] if interval else [""] * 3
    return [claim.name, effect, verdict.expected, value, between, verdict.told, confidence, *counts, verdict.grounded]

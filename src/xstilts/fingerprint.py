"""Canonical JSON and the key of a value: equal values have equal keys in every process and on every machine."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

KEY_LENGTH = 16  # hexadecimal digits: 64 bits, a collision among a million stages has a chance of 3e-8


def canonical(value: Any) -> Any:
    """Return `value` as plain JSON types, mappings sorted by key.

    Raises:
        TypeError: for a value without a stable form (an object, a set, a function); never a fall-back to str(obj).
        ValueError: for NaN and infinities, which are not equal to themselves or not JSON.

    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a key cannot hold {value}: it has no JSON form and NaN differs from itself")
        # 2 and 2.0 are the same setting
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"a key's mapping needs text names, not {name!r} of type {type(name).__name__}")
        return {name: canonical(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no stable form for a key: give text, numbers, lists or mappings")


def canonical_json(value: Any) -> str:
    """Return the one JSON text of `value` (see `canonical` for the errors)."""
    return json.dumps(canonical(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def key_of(value: Any) -> str:
    """Return the key of `value`: the first KEY_LENGTH hexadecimal digits of the SHA-256 of its canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:KEY_LENGTH]


def differing_fields(old: Any, new: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """List where two canonical values differ as (path, old, new); a missing field counts as None."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        names = sorted(set(old) | set(new))
        return [d for n in names for d in differing_fields(old.get(n), new.get(n), f"{path}.{n}" if path else n)]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [d for i, (a, b) in pairs for d in differing_fields(a, b, f"{path}[{i}]")]
    same = old == new and isinstance(old, bool) == isinstance(new, bool)  # True == 1, but their keys differ
    return [] if same else [(path, old, new)]

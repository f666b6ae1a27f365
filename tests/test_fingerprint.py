"""Keys: equal for equal values everywhere, refused for values without a stable form."""

import enum
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.fingerprint import KEY_LENGTH, canonical, canonical_json, differing_fields, key_of

VALUE = {"b": [1, 2.5, True, None, "ß مرحبا"], "a": {"y": (), "x": {}}}
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4),
    max_leaves=12,
)


def test_canonical_json_is_the_shortest_sorted_text() -> None:
    assert canonical_json(VALUE) == '{"a":{"x":{},"y":[]},"b":[1,2.5,true,null,"ß مرحبا"]}'


def test_a_key_is_what_it_was() -> None:
    # sha256 of the text above, by another program (sha256sum); changing it orphans every store
    assert key_of(VALUE) == "c6e97f9525ea8c07"
    assert len(key_of({})) == KEY_LENGTH


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_other_processes_give_the_same_key(hash_seed: str) -> None:
    code = "import sys, json; from xstilts.fingerprint import key_of; print(key_of(json.loads(sys.argv[1])))"
    command = [sys.executable, "-c", code, json.dumps(VALUE)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == key_of(VALUE)


def test_the_order_of_a_mapping_does_not_matter_that_of_a_list_does() -> None:
    assert key_of({"a": 1, "b": {"c": 2, "d": 3}}) == key_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert key_of([1, 2]) != key_of([2, 1])
    assert key_of((1, 2)) == key_of([1, 2])


@pytest.mark.parametrize(("one", "other"), [(2, 2.0), (0, -0.0), (2**53, float(2**53)), (10**22, 1e22)])
def test_equal_numbers_have_equal_keys(one: int, other: float) -> None:
    assert one == other
    assert key_of({"n": one}) == key_of({"n": other})


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), (0, None), ("1", 1), (0.1, 0.1 + 2**-56), ([], {}), ("", None)]
)
def test_different_values_have_different_keys(one: Any, other: Any) -> None:
    assert key_of([one]) != key_of([other])


@settings(deadline=None)
@given(plain)
def test_a_stored_value_has_the_key_it_had(value: Any) -> None:
    text = canonical_json(value)
    assert key_of(json.loads(text)) == key_of(value)
    assert canonical(json.loads(text)) == canonical(value)


class _Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, frozenset("a"), len, lambda: 0, Path("a"), b"a", _Colour.RED, range(3), iter([1]), 1j]
)
def test_values_without_a_stable_form_are_refused(value: Any) -> None:
    for place in (value, [value], {"a": {"b": value}}):
        with pytest.raises(TypeError, match=type(value).__name__):
            key_of(place)


def test_a_mapping_with_other_names_than_text_is_refused() -> None:
    with pytest.raises(TypeError, match="not 1 of type int"):
        key_of({1: "a"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_no_json_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=str(value)):
        key_of({"a": [value]})


def test_differing_fields_names_places_and_both_values() -> None:
    old = {"settings": {"rate": 1, "epochs": 2}, "tasks": [{"task": "mnli", "rows": 3}], "only_old": "x", "same": [1, 2]}
    new = {"settings": {"rate": 1, "epochs": 3}, "tasks": [{"task": "snli", "rows": 3}], "only_new": 0, "same": [1, 2]}
    assert differing_fields(old, new) == [
        ("only_new", None, 0),
        ("only_old", "x", None),
        ("settings.epochs", 2, 3),
        ("tasks[0].task", "mnli", "snli"),
    ]


def test_differing_fields_shows_lists_of_other_lengths_whole() -> None:
    assert differing_fields({"a": [1]}, {"a": [1, 2]}) == [("a", [1], [1, 2])]


@pytest.mark.parametrize(("old", "new"), [(True, 1), (False, 0)])
def test_differing_fields_tells_truth_from_number(old: Any, new: Any) -> None:
    assert differing_fields({"a": old}, {"a": new}) == [("a", old, new)]


@settings(deadline=None)
@given(plain, plain)
def test_values_differ_where_their_keys_do(one: Any, other: Any) -> None:
    one, other = {"value": one}, {"value": other}
    differences = differing_fields(canonical(one), canonical(other))
    if key_of(one) == key_of(other):
        assert differences == []
    elif not _only_missing(canonical(one), canonical(other)):
        assert differences


def _only_missing(one: Any, other: Any) -> bool:
    """Whether two values are the same once fields that are None are taken out: a missing field counts as None."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without(inner) for name, inner in value.items() if inner is not None}
        return [without(inner) for inner in value] if isinstance(value, list) else value

    return canonical_json(without(one)) == canonical_json(without(other))

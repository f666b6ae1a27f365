"""Effects and expectations in words."""

from xstilts.claim_spec import GROUPS, MARGIN, Effect, Expectation, Gain, Over


def effect_in_words(effect: Effect) -> str:
    """Return `gain of nli over baseline on xnli`."""
    quantity = effect.quantity
    what = "gain" if isinstance(quantity, Gain) else "score"
    against = f" over {quantity.reference}" if isinstance(quantity, Gain) and quantity.reference else ""
    further = "".join(f", {part}" for part in (quantity.encoder, quantity.variant) if part)
    return f"{what} of {quantity.intermediate}{against} on {_over(quantity.over)}{further}"


def _over(over: Over) -> str:
    parts = [over.benchmark, over.target] if over.benchmark or over.target else ["all targets"]
    named = [f"{name.replace('_', ' ')} {getattr(over, name)}" for name in GROUPS if getattr(over, name) is not None]
    found = " ".join(part for part in (*parts, over.language, *(f"({one})" for one in named)) if part)
    return f"{found} without {over.without}" if over.without else found


def expected_in_words(expect: Expectation | None) -> str:
    """Return `at least 8.2, within 1`."""
    if expect is None:
        return ""
    within = f", within {expect.within:g}" if expect.within else ""
    for name, words in (("at_least", "at least"), ("at_most", "at most"), ("equal", "equal to")):
        number = getattr(expect, name)
        if number is not None:
            return f"{words} {number:g}{within}"
    if expect.greater_than is not None:
        return f"greater than {effect_in_words(expect.greater_than)}"
    if expect.change in ("increase", "decrease"):
        return str(expect.change)
    return f"none: within {MARGIN if expect.none is None else expect.none:g} of 0"

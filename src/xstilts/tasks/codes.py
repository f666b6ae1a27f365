"""The languages of a data set, written with the data set's own codes."""

from xstilts.languages import language


def by_tag(codes: str) -> dict[str, str]:
    """Return canonical tag -> the data set's code, in the order written.

    Args:
        codes: Codes with spaces between, for example "ar bg zho_Hans=zh". A code that means several languages is
            written behind the tag of the one that is meant.

    Raises:
        LanguageError: a code is unknown, or means several languages and has no tag.
        ValueError: two codes mean one language.

    """
    languages: dict[str, str] = {}
    for written in codes.split():
        meant, _, code = written.rpartition("=")
        tag = language(meant or code).tag
        if tag in languages:
            raise ValueError(f"{languages[tag]!r} and {code!r} both mean {tag}; keep one, or write another tag before '='")
        languages[tag] = code
    return languages

"""The lines of a text file, numbered as an editor numbers them."""

from collections.abc import Iterator
from pathlib import Path

from xstilts.errors import DataError

UTF16 = (b"\xff\xfe", b"\xfe\xff")


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line with its ending, numbered from 1; a byte order mark at the beginning of the file is left out.

    Raises:
        DataError: when the file is missing or unreadable, is not UTF-8, or holds a NUL byte.

    """
    passed = 0
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                yield number, _decoded(path, number, raw, passed)
                passed += len(raw)
    except OSError as error:
        raise DataError(f"{path}: the file cannot be read ({error.strerror}). Check its name and permissions.") from error


def _decoded(path: Path, number: int, raw: bytes, passed: int) -> str:
    if b"\0" in raw:
        utf16 = ", and the file begins as UTF-16 does" if passed == 0 and raw[:2] in UTF16 else ""
        at = passed + raw.index(b"\0")
        raise DataError(
            f"{path}, line {number}: a NUL byte at byte {at} (counted from 0){utf16}; expected text in UTF-8. "
            "Save the file as UTF-8, or take the byte out."
        )
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        # without the mark the decoder counts from behind it
        start = error.start + (3 if number == 1 and raw.startswith(b"\xef\xbb\xbf") and len(error.object) < len(raw) else 0)
        raise DataError(
            f"{path}, line {number}: byte 0x{raw[start]:02x} at byte {passed + start} (counted from 0) is not UTF-8; "
            "expected text in UTF-8. Save the file as UTF-8."
        ) from None

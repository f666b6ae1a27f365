"""The error for a row that cannot be used, and the check that most rows need."""


class BadRowError(ValueError):
    """A row that its task cannot use; the reader of the file adds the file, and the row number or the 1-based line."""

    line: int | None = None

    def where(self, row: int) -> str:
        """Return where the row of this number stands, for messages."""
        return f"row {row} (counted from 0)" if self.line is None else f"line {self.line}"


def require_text(value: object, what: str) -> None:
    """Refuse a value that is missing or holds nothing but space."""
    if not isinstance(value, str) or not value.strip():
        raise BadRowError(f"{what} is {'empty' if isinstance(value, str) else repr(value)}; expected text")

"""The example types of ranking tasks: queries, and the passages that may be right for them."""

from dataclasses import dataclass

from xstilts.bad_row import require_text


@dataclass(frozen=True, slots=True)
class Match:
    """A query and the passage that is right for it; `context` is the text around the passage, where there is one."""

    query: str
    passage: str
    context: str | None = None

    def __post_init__(self) -> None:
        """Refuse texts that are missing or empty."""
        require_text(self.query, "the query")
        require_text(self.passage, "the passage")
        if self.context is not None:
            require_text(self.context, "the context")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of the pool; `keys` are those of the queries it is right for, `name` is its own within its context."""

    passage: str
    context: str | None
    name: str
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a passage that is missing or empty."""
        require_text(self.passage, "the passage")


@dataclass(frozen=True, slots=True)
class Search:
    """A query by its name; right are the candidates with its key. `candidates` are what its row adds to the pool."""

    query: str
    name: str
    key: str
    candidates: tuple[Candidate, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a query that is missing or empty."""
        require_text(self.query, "the query")

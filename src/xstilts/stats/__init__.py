"""Statistics of gains: paired, with intervals over seeds, examples and languages. docs/statistics.md explains them."""

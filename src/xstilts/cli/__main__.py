"""`python -m xstilts.cli`, which helper processes run."""

from xstilts.cli import main

main()

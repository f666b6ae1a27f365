"""Runs the command line in a process of its own: HF_ENDPOINT, HF_HOME and HF_HUB_OFFLINE are read at import."""

import time

from xstilts.cli import main

time.sleep = lambda _: None  # five tries with growing pauses take half a minute

main()

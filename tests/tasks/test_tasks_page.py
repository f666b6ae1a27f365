"""docs/tasks.md says what the tasks say."""

import os
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/tasks.md"


def test_the_page_is_up_to_date():
    # a terminal that cannot show an accent must not change the file
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    printed = subprocess.run([sys.executable, "-m", "xstilts.tasks"], check=True, capture_output=True, env=environment)
    assert printed.stdout.decode() == PAGE.read_text(encoding="utf-8"), "run `python -m xstilts.tasks > docs/tasks.md`"

"""The score stage hands the language of its examples to the scorer."""

import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xstilts.stage import Stage
from xstilts.stages.scoring import SCORES, score


@pytest.mark.parametrize(("language", "f1"), [("zho_Hans", 200 / 3), ("deu_Latn", 0.0)])
def test_mlqa_is_scored_by_the_rules_of_the_language(tmp_path, language, f1):
    rows = [{"example_id": "q1", "gold": ["电化电池"], "prediction": "电池", "probabilities": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "predictions.parquet")
    stage = Stage("score", {"predictions": ["abc"], "metric": "mlqa", "version": 1}, ("abc",))
    other = Stage("score", {"predictions": ["def"], "metric": "mlqa", "version": 1}, ("def",))
    planned = [SimpleNamespace(stage=other, language="eng_Latn"), SimpleNamespace(stage=stage, language=language)]
    context = SimpleNamespace(
        plan=SimpleNamespace(scores=planned, stages={"abc": SimpleNamespace(value={"kind": "span"})}),
        store=SimpleNamespace(out=tmp_path),
        input_folder={"abc": tmp_path}.get,
    )
    score(stage, context, SimpleNamespace(folder=tmp_path, facts={}))
    written = json.loads((tmp_path / SCORES).read_text())["scores"]
    assert [row["metric"] for row in written] == ["f1", "exact_match"]
    assert written[0]["value"] == pytest.approx(f1)

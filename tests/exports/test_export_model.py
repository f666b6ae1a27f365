"""An exported model: plain transformers opens it, its logits are those of the study, and its card says what it is."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import transformers
from huggingface_hub import ModelCard

import toy
from xstilts.cli import main
from xstilts.data import open_source
from xstilts.data.read import read_examples
from xstilts.engine.model import load
from xstilts.engine.predict import Inference, logits_of
from xstilts.engine.tokenizer import open_tokenizer
from xstilts.errors import StoreError, XstiltsError
from xstilts.exports.card import _threshold
from xstilts.exports.model import export_model, find_cell, push
from xstilts.kinds import kind_functions
from xstilts.planner import make_plan
from xstilts.results import Results
from xstilts.store import Store, write_json
from xstilts.study_file import load_study
from xstilts.tasks import TASKS


def opened(run: toy.Run, out: Path | None = None) -> Results:
    return Results(make_plan(load_study(run.study)), Store(out or run.out))


@pytest.mark.parametrize(
    ("cell", "auto_class"),
    [
        ("nli/xnli/2", "AutoModelForSequenceClassification"),
        ("baseline/udpos/1", "AutoModelForTokenClassification"),
        ("nli/xquad/1", "AutoModelForQuestionAnswering"),
        ("nli/xcopa/2", "AutoModelForMultipleChoice"),
    ],
)
def test_plain_transformers_gives_the_logits_of_the_study(
    benchmark_run: toy.Run, tmp_path: Path, cell: str, auto_class: str
) -> None:
    results = opened(benchmark_run)
    trained = find_cell(results.plan, cell, None)
    said = export_model(results, trained, tmp_path / "model", benchmark_run.study)
    assert f"transformers.{auto_class}.from_pretrained" in said
    prediction = trained.predictions[0]
    head = prediction.value.get("head", trained.cell.target)
    folder = results.store.folder(trained.stage)
    ours, tokenizer = load(folder, head), open_tokenizer(folder)
    theirs = getattr(transformers, auto_class).from_pretrained(tmp_path / "model").eval()
    assert theirs.dtype == torch.float32
    task = results.plan.tasks[trained.cell.target]
    file = results.plan.file(prediction.value["data"])
    examples = read_examples(open_source(results.plan.study.data), task, file, limit=6).items
    spec = ours.heads[head]
    features = kind_functions(spec.kind).encode(examples, tokenizer, spec.labels, 32)
    plain = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    for feature, wanted in zip(features, logits_of(ours, features, head, Inference(plain.pad_token_id, 1)), strict=True):
        ids = torch.tensor([[feature.ids]] if spec.kind == "multiple_choice" else [feature.ids])
        with torch.no_grad():
            found = theirs(input_ids=ids)
        logits = torch.stack([found.start_logits, found.end_logits], -1) if spec.kind == "span" else found.logits
        assert (logits[0] - wanted).abs().max() <= 1e-6
    assert wanted.abs().max() > 1e-3, "logits that are all alike would prove little"
    assert plain("the river opened")["input_ids"] == tokenizer("the river opened")["input_ids"]
    if spec.labels:
        assert [theirs.config.id2label[i] for i in range(len(spec.labels))] == list(spec.labels)


@pytest.mark.parametrize(("cell", "name"), [("nli/xnli", "text-classification"), ("nli/udpos", "token-classification")])
def test_pipelines_predict_what_the_study_predicted(toy_run: toy.Run, tmp_path: Path, cell: str, name: str) -> None:
    import pyarrow.parquet as pq

    results = opened(toy_run)
    trained = find_cell(results.plan, cell, None)
    export_model(results, trained, tmp_path / "model", toy_run.study)
    pipe: Any = transformers.pipeline(name, model=str(tmp_path / "model"), device="cpu")
    rows = pq.read_table(results.store.folder(trained.predictions[0]) / "predictions.parquet").to_pylist()
    task = results.plan.tasks[trained.cell.target]
    file = results.plan.file(trained.predictions[0].value["data"])
    examples: Any = read_examples(open_source(results.plan.study.data), task, file).items
    for row, example in list(zip(rows, examples, strict=True))[:8]:
        if name == "text-classification":
            (found,) = pipe([{"text": example.first, "text_pair": example.second}])
            assert found["label"] == row["prediction"]
            assert found["score"] == pytest.approx(max(row["probabilities"]), abs=1e-5)
        else:
            tags = {one["index"]: one["entity"] for one in pipe(" ".join(example.words))}
            words = pipe.tokenizer(list(example.words), is_split_into_words=True).word_ids()
            assert [tags[words.index(i)] for i in range(len(example.words))] == row["prediction"]


def test_the_card_says_what_the_model_is(toy_run: toy.Run, tmp_path: Path) -> None:
    results = opened(toy_run)
    trained = find_cell(results.plan, "nli-then-qqp/xnli/1", "tiny")
    export_model(results, trained, tmp_path / "model", toy_run.study)
    names = {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "README.md"}
    assert {path.name for path in (tmp_path / "model").iterdir()} == names
    card = ModelCard.load(tmp_path / "model" / "README.md")
    found = {(one.dataset_config, one.dataset_split, one.metric_type): one for one in card.data.eval_results}
    rows = [r for r in results.rows() if (r["intermediate"], r["target"]) == ("nli-then-qqp", "xnli")]
    assert {(config, value.metric_value) for (config, _, _), value in found.items()} == {
        ({"eng_Latn": "en", "deu_Latn": "de", "swh_Latn": "sw"}[row["language"]], row["value"]) for row in rows
    }
    assert {one.dataset_type for one in found.values()} == {"facebook/xnli"}
    assert card.data.model_name == "toy-tiny-nli-then-qqp-xnli-1"
    assert card.data.datasets == ["nyu-mll/glue", "facebook/xnli"]
    assert card.data.language == ["de", "en", "sw"]
    assert card.data.pipeline_tag == "text-classification"
    assert card.data.base_model is None  # a folder has no name on the hub
    assert "trained first on mnli, then qqp (intermediate 'nli-then-qqp'), then on xnli in English" in card.text
    for row in rows:
        assert f"({row['language']}) | test | accuracy | {row['value']:.2f} | 24 |" in card.text
    assert "xnli: CC BY-NC 4.0." in card.text
    assert "`xstilts run toy.yaml`" in card.text
    assert trained.stage.key in card.text
    assert str(tmp_path) not in card.text
    assert "| 3 | xnli (XNLI: natural language inference in 15 languages) | 48 | 0.003 | 10 | 8 | float32 | 1 |" in card.text


def test_the_threshold_of_no_answer_is_told(tmp_path: Path) -> None:
    write_json(tmp_path / "scores.json", {"threshold": -0.25})
    results: Any = SimpleNamespace(
        plan=SimpleNamespace(stages={"key": "stage"}), store=SimpleNamespace(folder=lambda _: tmp_path)
    )
    rows = [{"score_key": "key"}]
    (said,) = _threshold(results, TASKS["squad_v2"], rows)
    assert "minus those of the best answer are greater than -0.2500" in said
    assert _threshold(results, TASKS["squad_v2"], []) == _threshold(results, TASKS["xquad"], rows) == []


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("nli", "1 parts; expected <intermediate>/<target>"),
        ("nil/xnli/1", "unknown intermediate 'nil'. Did you mean 'nli'?"),
        ("nli/xnil/1", "unknown target 'xnil'. Did you mean 'xnli'?"),
        ("nli/xnli/7", "unknown seed '7'."),
        ("nli/xnli", "the study has 2: 1, 2. Write one behind it, for example `--cell nli/xnli/1`"),
        ("nli/tatoeba/1", "tatoeba trains no model"),
    ],
)
def test_mistakes_in_the_cell_are_told(benchmark_run: toy.Run, cell: str, words: str) -> None:
    with pytest.raises(XstiltsError) as caught:
        find_cell(opened(benchmark_run).plan, cell, None)
    assert str(caught.value).startswith(f"--cell {cell}: ")
    assert words in str(caught.value)


def test_other_encoders_and_kinds_are_told(toy_run: toy.Run) -> None:
    plan = opened(toy_run).plan
    with pytest.raises(XstiltsError, match="unknown encoder 'tyni'"):
        find_cell(plan, "nli/xnli", "tyni")
    ranked = SimpleNamespace(kind="ranking")
    other: Any = SimpleNamespace(study=plan.study, tasks={"xnli": ranked})
    with pytest.raises(XstiltsError, match="scale of cosines between two vectors, for which transformers has no class"):
        find_cell(other, "nli/xnli", None)


def test_a_checkpoint_that_was_deleted_is_made_again_as_the_message_says(toy_run: toy.Run, tmp_path: Path) -> None:
    shutil.copytree(toy_run.out, tmp_path / "out")
    results = opened(toy_run, tmp_path / "out")
    trained = find_cell(results.plan, "baseline/xnli", None)
    before = (results.store.folder(trained.stage) / "model.safetensors").read_bytes()
    assert results.store.release(trained.stage) > 0
    with pytest.raises(StoreError) as caught:
        export_model(results, trained, tmp_path / "model", toy_run.study)
    message = str(caught.value)
    folder = message.partition("delete the folder ")[2].partition(",")[0]
    command = message.partition("run `xstilts ")[2].partition("`")[0]
    assert not (tmp_path / "model").exists()
    assert folder.startswith(str(tmp_path / "out" / "predict"))
    shutil.rmtree(folder)
    done = toy.xstilts(*command.split(), "--device", "cpu")
    assert done.returncode == 0, done.stderr
    export_model(results, trained, tmp_path / "model", toy_run.study)
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == before


def test_what_is_not_there_or_in_the_way_is_told(toy_run: toy.Run, tmp_path: Path) -> None:
    results = opened(toy_run)
    trained = find_cell(results.plan, "nli/xnli", None)
    with pytest.raises(StoreError, match=r"the model of nli/xnli/1 \(tiny\) is not trained\. Run `xstilts run"):
        export_model(opened(toy_run, tmp_path / "empty"), trained, tmp_path / "model", toy_run.study)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(XstiltsError, match="is there already"):
        export_model(results, trained, tmp_path / "full", toy_run.study)
    shutil.copytree(toy_run.out, tmp_path / "out")
    damaged = opened(toy_run, tmp_path / "out")
    (damaged.store.folder(trained.stage) / "config.json").write_text("{}")
    with pytest.raises(StoreError, match=r"config\.json has 2 bytes"):
        export_model(damaged, trained, tmp_path / "model", toy_run.study)


def test_the_command_and_the_hub(
    toy_run: toy.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    class Api:
        def create_repo(self, name: str, **how: Any) -> None:
            asked.append((name, how))

        def upload_folder(self, **how: Any) -> Any:
            asked.append(("upload", how))
            return SimpleNamespace(commit_url="https://hub.example/me/nli/commit/1")

    def run(*options: str | Path) -> tuple[int, str, str]:
        command = ["xstilts", "export", "model", toy_run.study, "--out", toy_run.out, "--cell", "nli/xnli", *options]
        monkeypatch.setattr("sys.argv", [*map(str, command)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    code, out, _ = run("--to", tmp_path / "one")
    assert (code, asked) == (0, [])  # nothing leaves the machine unasked
    assert out == f"{tmp_path / 'one'}: open it with transformers.AutoModelForSequenceClassification.from_pretrained.\n"
    code, out, _ = run("--to", tmp_path / "two", "--push-to-hub", "me/nli")
    assert (code, out.splitlines()[-1]) == (0, "https://hub.example/me/nli/commit/1")
    assert asked[0] == ("me/nli", {"private": True, "exist_ok": True})
    assert asked[1][1]["folder_path"] == tmp_path / "two"
    assert asked[1][1]["repo_id"] == "me/nli"


def test_a_hub_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Api:
        def create_repo(self, *_: Any, **__: Any) -> None:
            raise OSError("401 Client Error\nmore")

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    with pytest.raises(XstiltsError, match=r"--push-to-hub me/nli: the hub did not take the folder \(401 Client Error\)"):
        push(tmp_path, "me/nli")

"""What the whole suite shares: a cache folder of its own, tiny mirrors, and the real mirror where it lies at hand."""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import toy

# before torch is imported: tiny models are no faster with more threads, and results of two processes can be compared
os.environ["OMP_NUM_THREADS"] = "1"

SHARED = Path(os.environ.get("XSTILTS_SHARED", Path(__file__).parents[2] / "shared"))

settings.register_profile("suite", deadline=None, derandomize=True)  # the same cases in every run, on slow machines too
settings.load_profile("suite")

Rows = Sequence[Mapping[str, Any]]


@pytest.fixture(scope="session", autouse=True)
def own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache and settings out of the tests, and the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XSTILTS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("XSTILTS_MIRROR", raising=False)
        yield


@pytest.fixture(scope="session")
def write_mirror() -> Callable[..., Path]:
    return toy.write_mirror


@pytest.fixture(scope="session")
def shared_mirror() -> Path:
    folder = SHARED / "data" / "mirror"
    if not folder.is_dir():
        pytest.skip(f"no mirror with real data at {folder}")
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an encoder in XLM-R's layout, with random weights and a trained tokenizer."""
    from tiny_encoders import write_encoder  # imports torch

    return write_encoder(tmp_path_factory.mktemp("encoders") / "tiny", "xlm-roberta")


@pytest.fixture(scope="session")
def toy_mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a mirror of the toy data; copy it before you change it."""
    return toy.write_mirror(tmp_path_factory.mktemp("toy") / "mirror", toy.datasets())


@pytest.fixture
def write_study(tmp_path: Path, tiny_encoder: Path, toy_mirror: Path) -> Callable[..., Path]:
    """Return a function (changes of the toy study's fields) -> study file; see `toy`."""
    return lambda **changes: toy.write_study(tmp_path, tiny_encoder, toy_mirror, **changes)


@pytest.fixture
def toy_study(write_study: Callable[..., Path]) -> Path:
    """Return the file of a study that learns all toy tasks in a few seconds."""
    return write_study()


@pytest.fixture(scope="session")
def toy_run(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, toy_mirror: Path) -> toy.Run:
    """Return a finished run of the toy study by the command line; copy its store before you change it."""
    folder = tmp_path_factory.mktemp("toy_run")
    study = toy.write_study(folder, tiny_encoder, toy_mirror)
    done = toy.xstilts("run", study, "--out", folder / "out")
    assert done.returncode == 0, done.stderr
    return toy.Run(study, folder / "out", done.stdout, done.stderr)


@pytest.fixture(scope="session")
def benchmark_run(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> toy.Run:
    """Return a finished run of a study of a benchmark; see `benchmark_world`."""
    import benchmark_world

    folder = tmp_path_factory.mktemp("benchmarks")
    study = benchmark_world.write_study(folder, tiny_encoder)
    done = toy.xstilts("run", study, "--out", folder / "out", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    return toy.Run(study, folder / "out", done.stdout, done.stderr)


@pytest.fixture
def encoder_of(tmp_path: Path) -> Callable[..., Path]:
    """Return a function (architecture, auto class, changes of the configuration) -> folder; see `tiny_encoders`."""
    from tiny_encoders import write_encoder

    count = itertools.count()
    return lambda architecture, *how, **changes: write_encoder(
        tmp_path / f"encoder-{next(count)}", architecture, *how, **changes
    )

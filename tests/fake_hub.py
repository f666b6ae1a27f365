"""A hub on the loopback interface with the few routes and headers that `datasets` and `huggingface_hub` ask for."""

import hashlib
import io
import json
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pyarrow
from pyarrow import parquet

RESOLVE = re.compile(r"^/(?P<kind>datasets/)?(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)$")
API = re.compile(r"^/api/(?P<kind>datasets|models)/(?P<id>[^/]+/[^/]+)/(?P<verb>revision|tree|paths-info)/(?P<revision>[^/]+)")
SETTINGS = ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_DATASETS_CACHE", "HF_HUB_CACHE", "DO_NOT_TRACK")
CLOSED = "http://127.0.0.1:9"  # an address where nothing listens


@dataclass(frozen=True)
class Repository:
    """One data set or model.

    Attributes:
        commits: commit -> path -> content.
        gated: path -> the status (401 or 403) that it answers with.
        cut: paths whose body ends half way.
        listing: the status that the list of its files answers with.
        slow: paths that are answered only when the hub closes.
        licence: in the data set's card.

    """

    commits: Mapping[str, Mapping[str, bytes]]
    gated: Mapping[str, int] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()
    listing: int = 200
    slow: frozenset[str] = frozenset()
    licence: str = ""


class Reply(NamedTuple):
    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}
    cut: bool = False
    slow: bool = False


@dataclass
class FakeHub:
    """What the server holds, where it listens, and what it was asked."""

    datasets: Mapping[str, Repository]
    models: Mapping[str, Repository] = field(default_factory=dict)
    address: str = CLOSED
    requests: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def reply(self, path: str, asked: bytes) -> Reply:
        found = RESOLVE.match(path) or API.match(path)
        if found is None:
            return Reply(404)
        repository = (self.datasets if (found["kind"] or "").startswith("datasets") else self.models).get(found["id"])
        if repository is None:
            return Reply(401, headers={"X-Error-Code": "RepoNotFound"})  # so the hub answers a user without a login
        files = repository.commits.get(found["revision"])
        if files is None:
            return Reply(404, headers={"X-Error-Code": "RevisionNotFound"})
        if found.re is RESOLVE:
            return _file(repository, found["revision"], found["path"])
        if repository.listing != 200:
            return Reply(repository.listing)
        return _listing(found, repository, files, asked)


def _file(repository: Repository, commit: str, path: str) -> Reply:
    if path in repository.gated:
        return Reply(repository.gated[path], headers={"X-Error-Code": "GatedRepo"})
    content = repository.commits[commit].get(path)
    if content is None:
        return Reply(404, headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
    headers = {"ETag": f'"{_oid(content)}"', "X-Repo-Commit": commit, "Accept-Ranges": "none"}
    return Reply(200, content, headers, cut=path in repository.cut, slow=path in repository.slow)


def _listing(found: re.Match[str], repository: Repository, files: Mapping[str, bytes], asked: bytes) -> Reply:
    entries = [{"type": "file", "path": path, "oid": _oid(body), "size": len(body)} for path, body in files.items()]
    folders = {path[: path.index("/")] for path in files if "/" in path}
    answer: Any
    if found["verb"] == "revision":
        siblings = [{"rfilename": path, "size": len(body)} for path, body in files.items()]
        answer = {"id": found["id"], "sha": found["revision"], "siblings": siblings}
        answer |= {"gated": "manual" if repository.gated else False}
        answer |= {"cardData": {"license": repository.licence}} if repository.licence else {}
    elif found["verb"] == "paths-info":
        wanted = set(json.loads(asked)["paths"])
        answer = [entry for entry in entries if entry["path"] in wanted]
    else:
        answer = entries + [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders]
    return Reply(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})


def _oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()  # as git names it


@contextmanager
def serve(datasets: Mapping[str, Repository], models: Mapping[str, Repository] | None = None) -> Iterator[FakeHub]:
    """Serve data sets and models until the block ends."""
    hub = FakeHub(datasets, models or {})

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> None:
            hub.requests.append(f"{self.command} {self.path}")
            asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = hub.reply(unquote(urlsplit(self.path).path), asked)
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                if reply.slow:
                    hub.closing.wait()
                self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
                self.close_connection = reply.cut

        do_HEAD = do_GET = do_POST = answer  # noqa: N815

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # a client that ends may leave a connection open
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Answers)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def client_environment(home: Path, address: str, **more: str) -> dict[str, str]:
    """Return the environment of a process whose Hugging Face folder is `home` and whose hub is at `address`.

    These settings are read when the libraries are imported, so a client must be a process of its own.
    """
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return {**kept, "HF_HOME": str(home), "HF_ENDPOINT": address, "no_proxy": "127.0.0.1", **more}


def as_parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()


def card(ending: str, *splits: str, extra: str = "") -> bytes:
    """Return the head of a README that tells `datasets` where the files of each "config/split" lie."""
    configs: dict[str, list[str]] = {}
    for name in splits:
        config, split = name.split("/")
        configs.setdefault(config, []).append(f"  - split: {split}\n    path: {config}/{split}.{ending}\n")
    entries = [f"- config_name: {c}\n{extra}  data_files:\n{''.join(files)}" for c, files in configs.items()]
    return f"---\nconfigs:\n{''.join(entries)}---\n".encode()


def parquet_files(splits: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, bytes]:
    """Return the files of a data set of Parquet files: "config/split" -> rows."""
    return {"README.md": card("parquet", *splits), **{f"{name}.parquet": as_parquet(rows) for name, rows in splits.items()}}

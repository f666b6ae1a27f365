"""A hub on the loopback interface with the few routes and headers that `datasets.load_dataset` asks for."""

import hashlib
import json
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

RESOLVE = re.compile(r"^/datasets/(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)$")
API = re.compile(r"^/api/datasets/(?P<id>[^/]+/[^/]+)/(?P<verb>revision|tree|paths-info)/(?P<revision>[^/]+)")


@dataclass(frozen=True)
class Repository:
    """One data set.

    Attributes:
        commits: commit -> path -> content.
        gated: path -> the status (401 or 403) that it answers with.
        cut: paths whose body ends half way.

    """

    commits: Mapping[str, Mapping[str, bytes]]
    gated: Mapping[str, int] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()


class Reply(NamedTuple):
    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}
    cut: bool = False


@dataclass
class FakeHub:
    """What the server holds, where it listens, and what it was asked."""

    repositories: Mapping[str, Repository]
    address: str = ""
    requests: list[str] = field(default_factory=list)

    def reply(self, path: str, asked: bytes) -> Reply:
        found = RESOLVE.match(path) or API.match(path)
        if found is None:
            return Reply(404)
        repository = self.repositories.get(found["id"])
        if repository is None:
            return Reply(401, headers={"X-Error-Code": "RepoNotFound"})  # so the hub answers a user without a login
        files = repository.commits.get(found["revision"])
        if files is None:
            return Reply(404, headers={"X-Error-Code": "RevisionNotFound"})
        if found.re is RESOLVE:
            return _file(repository, found["revision"], found["path"])
        return _listing(found, files, asked)


def _file(repository: Repository, commit: str, path: str) -> Reply:
    if path in repository.gated:
        return Reply(repository.gated[path], headers={"X-Error-Code": "GatedRepo"})
    content = repository.commits[commit].get(path)
    if content is None:
        return Reply(404, headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
    headers = {"ETag": f'"{_oid(content)}"', "X-Repo-Commit": commit, "Accept-Ranges": "none"}
    return Reply(200, content, headers, cut=path in repository.cut)


def _listing(found: re.Match[str], files: Mapping[str, bytes], asked: bytes) -> Reply:
    entries = [{"type": "file", "path": path, "oid": _oid(body), "size": len(body)} for path, body in files.items()]
    folders = {path[: path.index("/")] for path in files if "/" in path}
    answer: Any
    if found["verb"] == "revision":
        siblings = [{"rfilename": path} for path in files]
        answer = {"id": found["id"], "sha": found["revision"], "siblings": siblings}
    elif found["verb"] == "paths-info":
        wanted = set(json.loads(asked)["paths"])
        answer = [entry for entry in entries if entry["path"] in wanted]
    else:
        answer = entries + [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders]
    return Reply(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


@contextmanager
def serve(repositories: Mapping[str, Repository]) -> Iterator[FakeHub]:
    """Serve the data sets until the block ends."""
    hub = FakeHub(repositories)

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
        server.shutdown()
        server.server_close()
        thread.join()

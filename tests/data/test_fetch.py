"""Downloads against a server of our own: resume, mirrors, wrong content, silence."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bakeoff.data import fetch as module
from bakeoff.data.fetch import fetch
from bakeoff.errors import DataError, UsageError

CONTENT = bytes(range(256)) * 4000
NAME = "cifar-10-binary.tar.gz"


class Host:
    """What a server does: `content` it sends, `stop_after` bytes of a request, `ranges` it understands."""

    def __init__(self):
        self.content, self.stop_after, self.ranges, self.status = CONTENT, None, True, 200
        self.asked = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/files"

    def answer(self, request):
        wanted = request.headers.get("Range")
        self.asked.append((request.path, wanted))
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        if self.status != 200 or start >= len(self.content):
            request.send_error(416 if start else self.status)
            return
        body = self.content[start:]
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: self.stop_after])


@pytest.fixture
def host(monkeypatch):
    """A host; the official ones are out of reach, and CONTENT is the published archive."""
    made = []

    def make():
        made.append(Host())
        return made[-1]

    monkeypatch.setattr(module, "ARCHIVES", {"cifar10": {NAME: hashlib.sha256(CONTENT).hexdigest()}})
    monkeypatch.setattr(module, "HOSTS", {NAME: ("http://127.0.0.1:9",)})
    monkeypatch.setattr(module, "TIMEOUT_S", 5)
    yield make
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def test_fetches_once(host, tmp_path):
    server, heard = host(), []
    path = fetch("cifar10", tmp_path / "new", mirrors=[server.address + "/"], watch=lambda *news: heard.append(news))
    assert path == tmp_path / "new" / NAME
    assert path.read_bytes() == CONTENT
    assert heard[-1] == (f"{server.address}/{NAME}", len(CONTENT), len(CONTENT))
    assert fetch("cifar10", tmp_path / "new", mirrors=[server.address]) == path
    assert server.asked == [(f"/files/{NAME}", None)]
    assert [p.name for p in path.parent.iterdir()] == [NAME]


def test_goes_on_where_it_stopped(host, tmp_path):
    server = host()
    server.stop_after = 300_000
    with pytest.raises(DataError, match=r"stopped after|cannot be reached|broken|IncompleteRead"):
        fetch("cifar10", tmp_path, mirrors=[server.address])
    part = (tmp_path / f"{NAME}.part").read_bytes()
    assert len(part) >= 200_000
    assert CONTENT.startswith(part)
    server.stop_after = None
    assert fetch("cifar10", tmp_path, mirrors=[server.address]).read_bytes() == CONTENT
    assert server.asked[-1][1] == f"bytes={len(part)}-"


def test_a_server_without_ranges_sends_all_again(host, tmp_path):
    server = host()
    server.ranges = False
    (tmp_path / f"{NAME}.part").write_bytes(b"other bytes")
    assert fetch("cifar10", tmp_path, mirrors=[server.address]).read_bytes() == CONTENT


def test_a_whole_part_is_taken_as_it_is(host, tmp_path):
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT)
    assert fetch("cifar10", tmp_path, mirrors=[host().address]).read_bytes() == CONTENT


def test_the_next_mirror_after_a_bad_one(host, tmp_path):
    missing, wrong, good = host(), host(), host()
    missing.status = 404
    wrong.content = b"<html>please log in</html>"
    path = fetch("cifar10", tmp_path, mirrors=[missing.address, wrong.address, good.address])
    assert path.read_bytes() == CONTENT
    assert good.asked == [(f"/files/{NAME}", None)], "nothing of the wrong file is gone on from"


def test_when_all_fail_each_answer_is_told_and_nothing_stays(host, tmp_path):
    missing, wrong = host(), host()
    missing.status = 404
    wrong.content = CONTENT[:-1] + b"?"
    with pytest.raises(DataError) as caught:
        fetch("cifar10", tmp_path, mirrors=[missing.address, wrong.address])
    told = str(caught.value)
    assert f"{missing.address}/{NAME}: answered 404" in told
    assert f"{wrong.address}/{NAME}: sent something else than the published file" in told
    assert f"http://127.0.0.1:9/{NAME}: cannot be reached" in told
    assert "\n" not in told
    assert not list(tmp_path.iterdir())


def test_two_at_once_fetch_it_once(host, tmp_path):
    """The second waits for the first, here halfway through, and takes what came."""
    server, halfway, go_on, found = host(), threading.Event(), threading.Event(), []

    def watch(*_news):
        halfway.set()
        go_on.wait(60)

    def get(watch=None):
        found.append(fetch("cifar10", tmp_path, mirrors=[server.address], watch=watch).read_bytes())

    first, second = threading.Thread(target=get, args=(watch,)), threading.Thread(target=get)
    first.start()
    assert halfway.wait(60)
    second.start()
    second.join(0.3)  # long enough to ask the server, were nothing in its way
    asked = len(server.asked)
    go_on.set()
    first.join()
    second.join()
    assert found == [CONTENT, CONTENT]
    assert asked == len(server.asked) == 1
    assert [p.name for p in tmp_path.iterdir()] == [NAME]


def test_a_mistyped_mirror_costs_no_part(host, tmp_path):
    host()
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT[:300_000])
    with pytest.raises(DataError, match=r"mirror\.example/files/.*No scheme supplied"):
        fetch("cifar10", tmp_path, mirrors=["mirror.example/files"])
    assert (tmp_path / f"{NAME}.part").read_bytes() == CONTENT[:300_000]


def test_unknown_names_get_the_nearest():
    with pytest.raises(UsageError, match="'cifar1' cannot be fetched; did you mean 'cifar10'"):
        fetch("cifar1", None)

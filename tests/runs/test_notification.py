"""A failure is told once until it recovers, and the recovery once: to a real server and a real command."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from workbench.reports.records import open_run, write_record
from workbench.runs import delivery
from workbench.runs.notification import notify
from workbench.settings import Notification

START = datetime(2026, 11, 16, 11, tzinfo=UTC)
REASON = "Cell 4 failed with ValueError. The notebook is kept.\nKept for those who may read it: data/runs/x"


class Server:
    """A server on this machine that keeps what is posted to it, and answers with `code` once `answers` is set."""

    def __init__(self) -> None:
        self.code, self.bodies, self.answers = 200, [], Event()
        self.answers.set()
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                content = self.rfile.read(int(self.headers["Content-Length"]))
                kept.answers.wait(60)
                assert self.headers["Content-Type"] == "application/json"
                kept.bodies.append(json.loads(content))
                self.send_response(kept.code)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/hook?token=a-secret"

    def close(self) -> None:
        self.answers.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server()
    yield server
    server.close()


@pytest.fixture
def ended(project):
    """Leaves the record of a run that ended so, each an hour after the one before."""
    hours = iter(range(1000))

    def leave(*states: str, name: str = "wording", reason: str = REASON) -> None:
        for state in states:
            moment = START + timedelta(hours=next(hours))
            run = open_run(project.store.records_folder, "ab_test", name, f"params/ab_test/{name}.yaml", None)
            update = {"state": state, "reason": reason, "started_at": moment, "ended_at": moment}
            write_record(project.store.records_folder, run.record.model_copy(update=update))

    return leave


@pytest.fixture
def tell(project, server):
    """Notifies, by the webhook unless told otherwise; the lines told."""

    def call(settings: Notification | None = None) -> list[str]:
        lines: list[str] = []
        settings = settings or Notification(webhook=server.address)
        notify(project.store, settings, project.root, lambda event: lines.extend(event.lines))
        return lines

    return call


def kinds(server: Server) -> list[str]:
    return [body["kind"] for body in server.bodies]


def test_a_failure_is_told_once_and_its_recovery_once(ended, tell, server, project, published):
    ended("published", "failed")
    assert tell() == []
    assert server.bodies == [
        {
            "kind": "failure",
            "study": "ab_test",
            "name": "wording",
            "state": "failed",
            "reason": "Cell 4 failed with ValueError.",
            "since": "2026-11-16T12:00:00+00:00",
            "link": "index.html",
        }
    ]
    for state in ("failed", "refused", "withheld", "lost", "skipped", "interrupted", "running"):
        ended(state)
        tell()
    assert len(server.bodies) == 1
    published(project.store)
    ended("unchanged", reason="stands")
    tell()
    recovery = server.bodies[1]
    assert (recovery["kind"], recovery["state"]) == ("recovery", "unchanged")
    assert recovery["link"] == "ab_test/wording/latest/report.html"
    ended("published")
    tell()
    assert kinds(server) == ["failure", "recovery"]
    ended("lost")
    tell()
    assert kinds(server) == ["failure", "recovery", "failure"]


def test_sets_are_told_apart(ended, tell, server):
    ended("failed", name="a")
    ended("failed", name="b")
    ended("published", name="c")
    tell()
    ended("published", name="a")
    tell()
    assert [(body["name"], body["kind"]) for body in server.bodies] == [
        ("a", "failure"),
        ("b", "failure"),
        ("a", "recovery"),
    ]


def test_where_nothing_failed_nothing_is_told(ended, tell, server):
    tell()
    ended("skipped", "published", "unchanged", "interrupted")
    tell()
    assert server.bodies == []


def test_a_failure_that_recovered_before_it_was_told_is_not_told(ended, tell, server):
    ended("failed", "published")
    tell()
    assert server.bodies == []


@pytest.mark.parametrize("code", [500, 404, 302])
def test_what_did_not_arrive_is_tried_again(ended, tell, server, code):
    ended("failed")
    server.code = code
    (line,) = tell()
    assert line == (
        f"not told     ab_test/wording: the failure by webhook (it was answered with {code}); the next run tries again."
    )
    assert len(server.bodies) == 1
    server.code = 200
    assert tell() == []
    assert tell() == []
    assert len(server.bodies) == 2


def test_a_server_that_does_not_answer_is_given_up(ended, tell, server, monkeypatch):
    monkeypatch.setattr(delivery, "SECONDS", 0.05)
    ended("failed")
    server.answers.clear()
    (line,) = tell()
    assert "it was not answered within 0.05 seconds" in line
    assert "secret" not in line


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/?token=a-secret", "http://[::1", "https://x y/"])
def test_an_address_that_cannot_be_reached_is_told_without_it(ended, tell, address, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    ended("failed")
    (line,) = tell(Notification(webhook=address))
    assert "it cannot be reached" in line
    assert address not in line
    assert "secret" not in line


def test_a_command_is_given_the_notification_on_its_standard_input(ended, tell, project):
    ended("withheld")
    script = "import sys, pathlib; pathlib.Path('data/told').open('a').write(sys.stdin.read() + '\\n')"
    settings = Notification(command=(sys.executable, "-c", script))
    for _ in range(2):
        assert tell(settings) == []
    ended("published")
    tell(settings)
    told = [json.loads(line) for line in (project.root / "data" / "told").read_text().splitlines()]
    assert [(body["kind"], body["state"]) for body in told] == [
        ("failure", "withheld"),
        ("recovery", "published"),
    ]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ((sys.executable, "-c", "raise SystemExit(3)"), "it ended with code 3"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "it did not end within 0.2 seconds"),
        (("no-such-program",), "it cannot be started: No such file or directory"),
    ],
)
def test_a_command_that_fails_is_told(ended, tell, command, why, monkeypatch):
    monkeypatch.setattr(delivery, "SECONDS", 0.2)
    ended("failed")
    (line,) = tell(Notification(command=command))
    assert line == f"not told     ab_test/wording: the failure by command ({why}); the next run tries again."


def test_each_way_is_told_once_even_where_the_other_fails(ended, tell, server):
    ended("failed")
    both = Notification(command=("no-such-program",), webhook=server.address)
    for _ in range(2):
        assert len(tell(both)) == 1
    assert len(server.bodies) == 1


def test_two_at_once_tell_it_once(ended, tell, server):
    ended("failed")
    tellers = [Thread(target=tell) for _ in range(4)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert kinds(server) == ["failure"]


def test_a_run_that_fails_tells_it_and_its_exit_code_says_what_ran(project, server, workbench):
    """By the command, with the project's own settings; a person of the data is in no notification."""
    person = project.a_patient()
    project.write_notebook(f"raise ValueError({person!r})")
    (project.root / "workbench.yaml").write_text(f"notification:\n  webhook: {server.address}\n")
    server.code = 500
    ended = workbench("run", "params")
    assert ended.code == 1
    assert "not told     ab_test/wording: the failure by webhook" in ended.out
    server.code = 200
    assert workbench("run", "params").code == 1
    assert [body["state"] for body in server.bodies] == ["failed", "failed"]
    assert workbench("run", "params").code == 1
    assert len(server.bodies) == 2
    assert person not in json.dumps(server.bodies)
    assert person not in ended.told


def test_wrong_settings_are_refused_before_anything_runs(project, workbench):
    (project.root / "workbench.yaml").write_text("notification:\n  webhook: ftp://example.org\n")
    ended = workbench("run", "params")
    assert ended.code == 2
    assert "webhook" in ended.err
    assert project.nothing_ran()

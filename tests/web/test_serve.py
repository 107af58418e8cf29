"""The web processes as an operator meets them: started, drained, killed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

TRUESTOCK = Path(sys.executable).with_name("truestock")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Served:
    process: subprocess.Popen[str]
    url: str
    port: int

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=5)

    def tell_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def end(self, seconds: float = 20) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, output

    def web_processes(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))


@contextmanager
def served(dsn: str, *, user: int | None = None, **environment: str) -> Iterator[Served]:
    port = free_port()
    process = subprocess.Popen(
        [str(TRUESTOCK), "serve", "--port", str(port)],
        env=os.environ | {"TRUESTOCK_DATABASE_URL": dsn} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        user=user,
    )
    started = Served(process, f"http://127.0.0.1:{port}", port)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                if started.get("/health/ready").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < until, "it did not become ready"
            time.sleep(0.05)
        yield started
    finally:
        if process.poll() is None:
            process.kill()
        if process.stdout is not None and not process.stdout.closed:
            process.communicate()


def test_what_it_has_begun_is_finished_before_it_ends(dsn: str) -> None:
    body = json.dumps({"login": "nobody", "password": "wrong horse"}).encode()
    head = (
        "POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with served(dsn) as web, socket.create_connection(("127.0.0.1", web.port), 10) as caller:
        caller.sendall(head + body[:5])
        time.sleep(0.3)
        web.tell_to_stop()
        time.sleep(0.5)
        caller.sendall(body[5:])
        assert caller.recv(4096).startswith(b"HTTP/1.1 401")
        status, _ = web.end()
    assert status == 0


def test_it_says_not_ready_and_goes_on_answering_while_it_drains(dsn: str) -> None:
    with served(dsn, TRUESTOCK_DRAIN_SECONDS="2") as web:
        web.tell_to_stop()
        time.sleep(0.5)
        answer = web.get("/health/ready")
        assert (answer.status_code, answer.json()["reasons"]) == (
            503,
            ["This process is about to stop."],
        )
        assert web.get("/health").status_code == 200
        assert web.end()[0] == 0


def test_logs_are_json_with_the_id_of_the_request_and_without_its_secrets(dsn: str) -> None:
    secret = "tsk_abcdefghij_0123456789abcdef0123456789abcdef"
    with served(dsn) as web:
        headers = {"X-Request-ID": "caller-given-id-7", "X-API-Key": secret}
        httpx.get(f"{web.url}/api/v1/items?password={secret}", headers=headers)
        web.tell_to_stop()
        _, output = web.end()
    lines = [json.loads(line) for line in output.splitlines()]
    found = next(line for line in lines if line.get("request_id") == "caller-given-id-7")
    assert (found["event"], found["method"], found["route"]) == ("request", "GET", "/api/v1/items")
    assert found["milliseconds"] >= 0
    assert secret not in output


def test_a_port_in_use_is_refused_with_a_sentence(dsn: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = subprocess.run(
            [str(TRUESTOCK), "serve", "--port", str(port)],
            env=os.environ | {"TRUESTOCK_DATABASE_URL": dsn},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd="/",
        )
    assert answer.returncode == 1
    assert answer.stderr == (
        f"truestock: Another program listens on 127.0.0.1:{port}; choose another one with --port.\n"
    )


def test_a_killed_web_process_is_replaced(dsn: str) -> None:
    with served(dsn) as web:
        web.web_processes()[0].kill()
        until = time.monotonic() + 15
        while True:
            try:
                if web.get("/health").status_code == 200:
                    break
            except httpx.TransportError:
                assert time.monotonic() < until, "nobody took its place"
                time.sleep(0.1)
        web.tell_to_stop()
        assert web.end()[0] == 0


def test_web_processes_do_not_outlive_a_killed_parent(dsn: str) -> None:
    with served(dsn) as web:
        children = web.web_processes()
        web.process.kill()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive


def test_several_processes_answer_for_all_of_them_in_their_metrics(dsn: str) -> None:
    with served(dsn, TRUESTOCK_WEB_PROCESSES="2") as web:
        for _ in range(40):
            web.get("/health/live")
        found = re.search(
            r'truestock_http_requests_total{[^}]*route="/health/live"[^}]*} ([\d.]+)',
            web.get("/metrics").text,
        )
        assert found is not None
        assert float(found[1]) == 40
        web.tell_to_stop()
        assert web.end()[0] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_as_an_ordinary_user_with_a_database_of_its_own(empty_folder: Path) -> None:
    nobody = 65534
    readable = subprocess.run(
        [str(TRUESTOCK), "--help"], user=nobody, capture_output=True, check=False, cwd="/"
    )
    if readable.returncode != 0:
        pytest.skip("the checkout is not readable for others")
    os.chown(empty_folder, nobody, -1)
    with served("", user=nobody, TRUESTOCK_DATA_DIR=str(empty_folder / "data")) as web:
        assert web.get("/health").json()["status"] == "ok"
        web.tell_to_stop()
        assert web.end()[0] == 0

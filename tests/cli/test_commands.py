"""The command line as a person meets it: our own program in its own process."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

TRUESTOCK = Path(sys.executable).with_name("truestock")


def run(
    *arguments: str, dsn: str = "", typed: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    given = {"TRUESTOCK_DATABASE_URL": dsn} if dsn else {}
    return subprocess.run(
        [str(TRUESTOCK), *arguments],
        env=os.environ | given | environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
    )


def test_help_answers_at_once_and_names_every_command() -> None:
    run("--help")
    began = perf_counter()
    answer = run("--help")
    taken_seconds = perf_counter() - began
    for command in ("demo", "serve", "worker", "migrate", "doctor", "user", "key", "verify"):
        assert re.search(rf"\b{command}\b", answer.stdout)
    assert taken_seconds < 1.0, f"{taken_seconds:.2f} s; import heavy modules inside commands"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from truestock.cli import application; application();"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    ).stdout
    for heavy in ("asyncpg", "fastapi", "polars", "pydantic", "pgqueuer", "granian", "psycopg"):
        assert f"'{heavy}'" not in loaded


def test_the_first_person_becomes_the_administrator_and_keys_are_shown_once(dsn: str) -> None:
    made = run(
        "user", "create", "boss", "--password-stdin", "--json", dsn=dsn, typed="correct horse 1\n"
    )
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["roles"] == ["admin"]
    second = json.loads(
        run("user", "create", "robin", "--role", "operator", "--json", dsn=dsn).stdout
    )
    assert second["roles"] == ["operator"]
    assert len(second["password"]) >= 12
    people = json.loads(run("user", "list", "--json", dsn=dsn).stdout)
    assert [person["login"] for person in people] == ["boss", "robin"]
    key = json.loads(run("key", "create", "loader", "--json", dsn=dsn).stdout)
    assert key["api_key"].startswith("tsk_")
    listed = run("key", "list", "--json", dsn=dsn).stdout
    assert "loader" in listed
    assert key["api_key"] not in listed
    assert run("key", "revoke", str(key["key_id"]), dsn=dsn).returncode == 0


def test_a_refusal_is_one_sentence_and_status_1(dsn: str) -> None:
    for _ in range(2):
        answer = run(
            "user", "create", "boss", "--password-stdin", dsn=dsn, typed="correct 1 horse\n"
        )
    assert answer.returncode == 1
    assert answer.stderr == "truestock: Another person signs in with this name.\n"


def test_a_weak_password_is_refused(dsn: str) -> None:
    answer = run("user", "create", "boss", "--password-stdin", dsn=dsn, typed="boss\n")
    assert answer.returncode == 1
    assert "too easy to guess" in answer.stderr


def test_verify_proves_every_rule(dsn: str) -> None:
    answer = run("verify", "--json", dsn=dsn)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["holds"] is True
    assert found["rules"] > 0


def test_an_answer_stays_json_when_there_is_something_to_log(dsn: str) -> None:
    answer = run("verify", "--json", dsn=dsn, TRUESTOCK_SLOW_QUERY_SECONDS="0.0000001")
    assert json.loads(answer.stdout)["holds"]
    assert "slow_query" in answer.stderr


def test_migrate_has_nothing_to_do_twice(dsn: str) -> None:
    assert json.loads(run("migrate", "--json", dsn=dsn).stdout) == {"applied": []}
    assert run("migrate", "--check", dsn=dsn).returncode == 0


def wrong(answer: subprocess.CompletedProcess[str]) -> set[str]:
    found = json.loads(answer.stdout)
    return {each["what"] for each in found if each["verdict"] == "wrong"}


def test_doctor_names_what_is_wrong_and_says_so_by_its_status(tmp_path: Path, dsn: str) -> None:
    well = run("doctor", "--json", dsn=dsn, TRUESTOCK_DATA_DIR=str(tmp_path))
    assert wrong(well) <= {"durability"}  # the server of the tests runs without fsync
    assert well.returncode == bool(wrong(well))
    gone = "postgresql://nobody@127.0.0.1:1/none"
    ill = run("doctor", "--json", dsn=gone, TRUESTOCK_DATA_DIR=str(tmp_path))
    assert ill.returncode == 1
    assert wrong(ill) == {"database"}


def test_doctor_looks_at_an_embedded_database_without_creating_it(tmp_path: Path) -> None:
    environment = {"TRUESTOCK_DATA_DIR": str(tmp_path / "data")}
    answer = run("doctor", TRUESTOCK_DATABASE_URL="", **environment)
    assert "not created yet" in answer.stdout
    assert not (tmp_path / "data" / "postgres" / "data").exists()


@pytest.mark.parametrize(
    ("name", "value"), [("TRUESTOCK_PORT", "none"), ("TRUESTOCK_DATABASE_POOL_SIZE", "0")]
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    answer = run("serve", **{name: value})
    assert answer.returncode == 1
    assert f"{name}:" in answer.stderr


def test_production_refuses_unsafe_values_and_names_each() -> None:
    answer = run(
        "serve",
        TRUESTOCK_ENVIRONMENT="production",
        TRUESTOCK_DEBUG="true",
        TRUESTOCK_CORS_ORIGINS="*",
    )
    assert answer.returncode == 1
    for name in ("TRUESTOCK_SECRET", "TRUESTOCK_DEBUG", "TRUESTOCK_CORS_ORIGINS"):
        assert name in answer.stderr


@pytest.mark.parametrize("command", ["migrate", "verify", "serve"])
def test_a_database_out_of_reach_is_one_sentence(command: str) -> None:
    answer = run(command, dsn="postgresql://nobody@127.0.0.1:1/none")
    assert answer.returncode == 1
    assert answer.stderr.startswith("truestock: The database cannot be used: ")
    assert "Traceback" not in answer.stderr

"""The servers behind the integration tests: private, loopback only, stopped by their starter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pymysql
import pytest
import redis
from sqlalchemy import create_engine, text

from config.settings import ROOT
from tests.services import MariaDB, ServiceUnavailable, find_mariadbd, start_valkey


@pytest.mark.mariadb
def test_mariadb_url_reaches_a_server_that_may_create_schemas(mariadb_url: str) -> None:
    engine = create_engine(mariadb_url)
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE services_probe"))
        try:
            connection.execute(text("CREATE TABLE services_probe.words (word VARCHAR(20))"))
            connection.execute(text("INSERT INTO services_probe.words VALUES ('微面 \N{GRINNING FACE}')"))
            assert (
                connection.scalar(text("SELECT word FROM services_probe.words")) == "微面 \N{GRINNING FACE}"
            )
            assert connection.scalar(text("SELECT DATABASE()")) is None
        finally:
            connection.execute(text("DROP DATABASE services_probe"))
    engine.dispose()


@pytest.mark.mariadb
def test_mariadb_refuses_a_stranger(mariadb: MariaDB) -> None:
    for user in (mariadb.user, "root", ""):
        with pytest.raises(pymysql.err.OperationalError):
            pymysql.connect(host="127.0.0.1", port=mariadb.port, user=user, password="")


@pytest.mark.mariadb
@pytest.mark.skipif(find_mariadbd() is None, reason="MariaDB is not installed")
def test_mariadb_keeps_what_was_committed_when_it_is_killed(tmp_path: Path) -> None:
    with MariaDB(tmp_path) as server:
        port = server.port
        login = {"host": "127.0.0.1", "port": port, "user": server.user, "password": server.password}
        with pymysql.connect(**login, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE kept")
            cursor.execute("CREATE TABLE kept.rows_ (id INT PRIMARY KEY) ENGINE=InnoDB")
            cursor.execute("INSERT INTO kept.rows_ VALUES (7)")
        server.kill()
        assert server.pid is None
        server.start()
        assert server.port == port
        with pymysql.connect(**login) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM kept.rows_")
            assert cursor.fetchall() == ((7,),)
        pid = server.pid
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_machine_without_mariadb_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.services.find_mariadbd", lambda: None)
    with pytest.raises(ServiceUnavailable, match="bin/setup"):
        MariaDB(tmp_path).start()


def test_valkey_url_reaches_a_server(valkey_url: str) -> None:
    client = redis.Redis.from_url(valkey_url)
    client.set("services:probe", "1", ex=5)
    assert client.get("services:probe") == b"1"
    client.close()


def test_valkey_with_append_only_keeps_its_keys(tmp_path: Path) -> None:
    for expected in (None, b"1"):
        server = start_valkey(tmp_path, append_only=True)
        try:
            client = redis.Redis(port=server.port)
            assert client.get("kept") == expected
            client.set("kept", "1")
            client.close()
        finally:
            server.stop()


@pytest.mark.mariadb
@pytest.mark.skipif(
    find_mariadbd() is None or shutil.which("setpriv") is None, reason="needs MariaDB and setpriv"
)
def test_mariadb_ends_with_its_starter(tmp_path: Path) -> None:
    """A test run that is killed leaves no server behind."""
    program = (
        "import pathlib, sys, time\n"
        "from tests.services import MariaDB\n"
        "server = MariaDB(pathlib.Path(sys.argv[1])).start()\n"
        "print(server.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 30
    while _running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _running(pid)


def _running(pid: int) -> bool:
    """Whether a process lives; one that ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"

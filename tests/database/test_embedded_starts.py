"""Starts that fail, and directories that are odd, moved, lost or removed."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from support.clusters import ask, cluster, kill_9, tell
from truestock.database.embedded import (
    ClusterMissingError,
    DiskFullError,
    EmbeddedPostgresError,
    EmbeddedServer,
    OtherMajorVersionError,
    ServerDidNotStartError,
    ServerState,
    remove,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


def test_another_major_version_is_refused_and_left_alone(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    own_server.stop()
    version = cluster(own_dir) / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(OtherMajorVersionError, match=r"made by PostgreSQL 17.*PostgreSQL 18"):
        own_server.start()
    assert own_server.status().state is ServerState.STOPPED


def test_a_failed_start_shows_what_the_server_said_on_its_terminal(data_dir: Path) -> None:
    EmbeddedServer(data_dir).start()
    EmbeddedServer(data_dir).stop()
    with pytest.raises(ServerDidNotStartError, match="wal_level"):
        EmbeddedServer(data_dir, options={"archive_mode": "on", "wal_level": "minimal"}).start()


def test_a_failed_start_shows_what_the_server_wrote_to_its_log(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    kill_9(own_dir)
    for segment in (cluster(own_dir) / "pg_wal").glob("0*"):
        segment.unlink()
    with pytest.raises(ServerDidNotStartError, match="could not locate a valid checkpoint"):
        own_server.start()


def test_a_bad_option_of_a_first_start_leaves_nothing_half_made(new_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        EmbeddedServer(new_dir, options={"shared_buffers": "much"}).start()
    assert ask(EmbeddedServer(new_dir).start(), "SELECT 1") == 1


def test_a_killed_creation_is_repeated(own_server: EmbeddedServer, own_dir: Path) -> None:
    own_server.start()
    own_server.stop()
    (own_dir / "postgres" / "created").unlink()
    cluster(own_dir).rename(own_dir / "postgres" / "data.new")
    assert ask(own_server.start(), "SELECT 1") == 1
    assert not (own_dir / "postgres" / "data.new").exists()


def test_a_lost_cluster_is_not_silently_replaced_by_an_empty_one(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    own_server.stop()
    shutil.rmtree(cluster(own_dir))
    with pytest.raises(ClusterMissingError, match="Restore it to"):
        own_server.start()


def test_lost_passwords_are_renewed(own_server: EmbeddedServer, own_dir: Path) -> None:
    before = own_server.start()
    own_server.stop()
    (own_dir / "postgres" / "password").unlink()
    after = own_server.start()
    assert after.password != before.password
    assert ask(after, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(new_dir: Path) -> None:
    deep = new_dir / ("a" * 60) / ("b" * 60)
    address = EmbeddedServer(deep).start()
    facts = address.socket_dir.stat()
    assert ask(address, "SELECT 1") == 1
    assert not address.socket_dir.is_relative_to(new_dir)
    assert stat.S_IMODE(facts.st_mode) == 0o700
    EmbeddedServer(deep).stop()
    assert EmbeddedServer(deep).start().socket_dir == address.socket_dir
    remove(deep)
    assert not address.socket_dir.exists()


def test_a_path_with_odd_characters_works(new_dir: Path) -> None:
    odd = new_dir / 'it\'s $HOME, "a" `b` \\ ü #1'
    assert ask(EmbeddedServer(odd).start(), "SELECT 1") == 1
    remove(odd)


def test_a_moved_own_directory_keeps_its_database(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    tell(own_server.start(), "CREATE TABLE kept_5 (n int)")
    own_server.stop()
    moved = own_dir.parent / "moved"
    own_dir.rename(moved)
    assert ask(EmbeddedServer(moved).start(), "SELECT count(*) FROM kept_5") == 0
    remove(moved)


def test_remove_deletes_only_what_the_launcher_made(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    (own_dir / "letters.txt").write_text("not ours")
    (own_dir / "postgres" / "note.txt").write_text("not ours either")
    remove(own_dir)
    left = sorted(str(path.relative_to(own_dir)) for path in own_dir.rglob("*"))
    assert left == ["letters.txt", "postgres", "postgres/note.txt"]
    remove(own_dir)


def test_removing_nothing_creates_nothing(new_dir: Path) -> None:
    remove(new_dir)
    assert not new_dir.exists()


@as_root
def test_a_full_disk_is_called_so(new_dir: Path) -> None:
    new_dir.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", new_dir],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(DiskFullError, match="No space left on device"):
            EmbeddedServer(new_dir).start()
    finally:
        remove(new_dir)
        subprocess.run(["/bin/umount", new_dir], check=True, timeout=30)

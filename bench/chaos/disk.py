"""An ext4 file system in a file whose power can be cut: what was not flushed to it is gone.

EXT4_IOC_SHUTDOWN without a log flush stops all writing at once, journal and page cache included;
mounting again replays the journal as after a power cut. It does not model a disk that lies about
its own cache, nor torn sectors.
"""

import fcntl
import os
import struct
import subprocess
import tempfile
import time
from pathlib import Path

MEBIBYTE = 1024 * 1024
COMMAND_SECONDS_MAX = 60
BUSY_SECONDS_MAX = 20.0
EXT4_IOC_SHUTDOWN = 0x8004587D
WITHOUT_LOG_FLUSH = 2


class LoopDisk:
    """One file, its loop device and where it is mounted; needs root."""

    def __init__(self, folder: Path, mebibytes: int) -> None:
        self.image = folder / "disk.img"
        self.mount_point = folder / "disk"
        self.ballast = self.mount_point / "ballast"
        self.device = ""
        self.mounted = False
        self.mount_point.mkdir()
        with self.image.open("wb") as file:
            file.truncate(mebibytes * MEBIBYTE)

    def make(self) -> None:
        """Attach, format and mount the file."""
        self.device = run("losetup", "--find", "--show", str(self.image))
        run("mkfs.ext4", "-q", "-F", self.device)
        self.mount()
        self.mount_point.chmod(0o755)

    def mount(self) -> None:
        """Mount it; after a cut this replays the journal."""
        run("mount", "-t", "ext4", self.device, str(self.mount_point))
        self.mounted = True

    def cut(self) -> None:
        """Cut the power: from now on nothing reaches the file and every flush fails."""
        handle = os.open(self.mount_point, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_LOG_FLUSH))
        finally:
            os.close(handle)

    def fill(self) -> None:
        """Leave no room to anybody but root."""
        room = os.statvfs(self.mount_point)
        with self.ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize)

    def make_room(self) -> None:
        """Give the room back."""
        self.ballast.unlink()

    def unmount(self) -> None:
        """Unmount it, waiting for killed processes to be gone."""
        until = time.monotonic() + BUSY_SECONDS_MAX
        while True:
            try:
                run("umount", str(self.mount_point))
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                self.mounted = False
                return

    def remove(self) -> None:
        """Unmount, detach and delete, whatever state it is in."""
        if self.mounted:
            try:
                self.unmount()
            except subprocess.CalledProcessError:
                run("umount", "--lazy", str(self.mount_point))
        if self.device:
            run("losetup", "--detach", self.device)
        self.image.unlink()


def run(*command: str) -> str:
    """Run a program of the system and return what it printed."""
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX
    )
    return done.stdout.strip()


def why_no_power_cut(folder: Path) -> str | None:
    """Return why power cannot be cut on this machine, or None after having done it once."""
    if os.geteuid() != 0:
        return "this needs root (loop devices, mount)"
    with tempfile.TemporaryDirectory(dir=folder) as trial:
        try:
            disk = LoopDisk(Path(trial), 32)
            try:
                disk.make()
                (disk.mount_point / "lost").write_text("never flushed")
                disk.cut()
                disk.unmount()
                disk.mount()
                if (disk.mount_point / "lost").exists():
                    return "a cut file system kept what had not been flushed"
            finally:
                disk.remove()
        except (OSError, subprocess.SubprocessError) as error:
            detail = getattr(error, "stderr", "") or str(error)
            return f"loop devices or ext4 cannot be used here: {detail.strip()}"
    return None

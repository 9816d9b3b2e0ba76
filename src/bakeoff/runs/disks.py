"""What kind of file system a folder lies on: locks and SQLite's write-ahead log fail quietly on network ones."""

from __future__ import annotations

from pathlib import Path

NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "beegfs", "gpfs", "glusterfs",
           "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs",
           "fuse.gcsfuse"}  # fmt: skip


def file_system(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """Its type as the system names it ("ext4", "nfs4"); empty where that cannot be known."""
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    place = path.resolve()
    # Spaces and the like are written as octal escapes; of two mounts at one place the later one is seen.
    found = [(Path(_plain(words[1])), words[2]) for words in lines if len(words) > 2]
    above = [(len(root.parts), i, kind) for i, (root, kind) in enumerate(found) if place.is_relative_to(root)]
    return max(above)[2] if above else ""


def is_network(path: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    return file_system(path, mounts) in NETWORK


def _plain(escaped: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        escaped = escaped.replace(code, char)
    return escaped

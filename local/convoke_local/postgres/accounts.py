"""Choose the user that PostgreSQL runs as: it refuses to run as root, and must own its files."""

import os
import pwd
import stat
import sys
from pathlib import Path

from convoke_local.errors import LocalStackError
from convoke_local.processes.children import Account

_UNPRIVILEGED = "nobody"


def choose_account(data: Path, *needed: Path) -> Account | None:
    """Return the account for a server with its files in `data`, which must reach the `needed` paths too.

    None means the user of this process. Root runs the server as the owner of `data`, or as the user `nobody`
    when `data` does not exist yet. Raises LocalStackError when the files belong to another user.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise LocalStackError(
                f"{data} belongs to another user (uid {owner}): start as that user, "
                "or choose another CONVOKE_DATA_DIR"
            )
        return None
    if owner:
        return Account(owner, data.stat().st_gid, not _others_reach(data, *needed))
    unprivileged = pwd.getpwnam(_UNPRIVILEGED)
    return Account(unprivileged.pw_uid, unprivileged.pw_gid, not _others_reach(data, *needed))


def _others_reach(*paths: Path) -> bool:
    """Return whether an unprivileged user may pass all folders above the paths (a clone in /root: no)."""
    if sys.platform != "linux":
        # Only Linux can give root's file access to another user; elsewhere the server logs the failure.
        return True
    folders = (folder for path in paths for folder in path.parents)
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders if folder.exists())

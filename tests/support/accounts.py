"""Programs that root starts as an ordinary user."""

import pwd

NOBODY = pwd.getpwnam("nobody")


def as_nobody() -> list[str]:
    """The beginning of a command line: root runs what follows as `nobody` (setpriv(1), Linux).

    The interpreter, a clone and the folders of pytest may be where only root gets: to read, this user may go
    there too, and access(2) says so (`no_setuid_fixup`).
    """
    return [
        *("setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups"),
        *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
        "--securebits=+no_setuid_fixup",
    ]

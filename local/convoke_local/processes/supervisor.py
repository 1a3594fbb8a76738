"""Run one program that must not outlive the process that started this supervisor.

It is started by path as `python -I -S supervisor.py [options] -- program argument…`, with
the standard library alone. Its standard input is the lifeline: the parent holds the other end of the pipe
and writes nothing. When the pipe ends, also because the parent was killed, the program gets the stop signal
and, after a grace time, SIGKILL. Its descendants get SIGKILL when it has ended (Linux:
PR_SET_CHILD_SUBREAPER): the busy backends of a killed PostgreSQL would go on. If the supervisor itself is
killed, Linux ends the program (PR_SET_PDEATHSIG); macOS has neither (prctl(2)), so the next start must look
for processes that were left behind.
"""

import argparse
import contextlib
import ctypes
import os
import select
import signal
import sys
import time

# linux/prctl.h, linux/securebits.h and linux/capability.h
_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_SET_CHILD_SUBREAPER = 36
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_LINUX_CAPABILITY_VERSION_3 = 0x20080522

_CANNOT_START = 127


def main() -> int:
    """Run the program; return its exit status, or 128 plus the number of the signal that ended it."""
    options = _read_options()
    wakeup_reader, wakeup_writer = os.pipe()
    for end in (wakeup_reader, wakeup_writer):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakeup_writer)
    # The wake-up needs a handler.
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Only the lifeline ends the program: a signal to the whole group would end it too early.
        signal.signal(number, signal.SIG_IGN)

    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    supervisor = os.getpid()
    child = os.fork()
    if child == 0:
        _become_the_program(options, supervisor)

    status = _wait(child, wakeup_reader)
    if status is None:
        status = _end(child, options.stop, options.grace)
    _end_orphans()
    return status


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stop", type=lambda name: signal.Signals[name], default=signal.SIGTERM)
    parser.add_argument(
        "--grace", type=float, default=10.0, help="seconds between the stop signal and SIGKILL"
    )
    parser.add_argument("--user", type=int, help="become this user (only root can)")
    parser.add_argument("--group", type=int)
    parser.add_argument(
        "--keep-file-access",
        action="store_true",
        help="keep root's access to files as another user (Linux)",
    )
    parser.add_argument("program", nargs="+")
    return parser.parse_args()


def _become_the_program(options: argparse.Namespace, supervisor: int) -> None:
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        if options.user is not None:
            _become_user(options.user, options.group, keep_file_access=options.keep_file_access)
        # After the change of user, which clears it.
        if sys.platform == "linux":
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == supervisor:
            os.execv(options.program[0], options.program)  # noqa: S606 - starting a program is the purpose
    except OSError as error:
        os.write(2, f"cannot start {options.program[0]}: {error}\n".encode())
    finally:
        os._exit(_CANNOT_START)


def _become_user(user: int, group: int, *, keep_file_access: bool) -> None:
    if keep_file_access:
        # The change of user then keeps the capabilities, and access(2), by which initdb looks for `postgres`,
        # applies them, although the real user is not root.
        _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    if keep_file_access:
        # Of root's capabilities only this one is kept; it passes through exec (capabilities(7), "ambient").
        mask = 1 << _CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(_LINUX_CAPABILITY_VERSION_3, 0)
        # Twice effective, permitted, inheritable: the lower and the upper half of the bits.
        sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        _check(ctypes.CDLL(None, use_errno=True).capset(header, sets))
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE)


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    _check(ctypes.CDLL(None, use_errno=True).prctl(option, *padded))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _wait(child: int, wakeup_reader: int) -> int | None:
    """Return the program's exit status; None when the lifeline ends before it."""
    while (status := _poll(child)) is None:
        readable, _, _ = select.select([0, wakeup_reader], [], [])
        if 0 in readable:
            return None
        with contextlib.suppress(BlockingIOError):
            os.read(wakeup_reader, 64)
    return status


def _poll(child: int) -> int | None:
    ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        return None
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _end(child: int, stop: signal.Signals, grace: float) -> int:
    os.kill(child, stop)
    deadline = time.monotonic() + grace
    while (status := _poll(child)) is None:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            deadline += grace
        time.sleep(0.01)
    return status


def _end_orphans() -> None:
    """End the program's descendants, which are this process's children now, and their descendants in turn."""
    while True:
        for process in _list_children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _list_children() -> list[int]:
    children = []
    for name in os.listdir("/proc") if sys.platform == "linux" else ():
        with contextlib.suppress(OSError):
            if name.isdigit():
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    # "pid (program) state ppid …"; a program's name may hold anything (proc_pid_stat(5)).
                    parent = int(file.read().rpartition(")")[2].split()[1])
                children += [int(name)] if parent == os.getpid() else []
    return children


if __name__ == "__main__":
    sys.exit(main())

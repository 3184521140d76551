"""Start one foreign program locked down, and take it along when the worker dies.

Run as a script (``python -I -S launch.py JSON``) by ``sandbox``; it imports nothing of ours. Standard input is the
lifeline: the worker holds its other end, so when the worker is gone, however it went, the read end closes and the
whole process group is killed. On Linux the program also dies with this process, cannot reach a network and sees
only the folders it was given; elsewhere, or where the kernel forbids it, what cannot be had is left out and said
so by ``{"argv": []}``, which reports what holds here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
READ_ONLY = 0b1101  # execute, read files, read folders
MAKE_SOCKET = 1 << 9
EVERYTHING_V1 = 0x1FFF
SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/sbin", "/proc"),
    *("/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice"),
    *("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/libreoffice", "/etc/localtime", "/etc/passwd"),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/shm")  # noqa: S108  # shared memory


def main() -> int:
    order = json.loads(sys.argv[1])
    parent = os.getppid()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: None)
    child = os.fork()
    if child == 0:
        _become(order)
    if os.getppid() != parent:
        os.killpg(child, signal.SIGKILL)
    return _watch(child, woken)


def _watch(child: int, woken: int) -> int:
    """Wait for the program or for the end of the lifeline, whichever comes first; leave nothing behind."""
    while True:
        readable, _, _ = select.select([0, woken], [], [])
        if woken in readable:
            os.read(woken, 512)
        ended, status = os.waitpid(child, os.WNOHANG)
        if 0 in readable and not ended:
            _kill_group(child)
            _, status = os.waitpid(child, 0)
            ended = child
        if ended:
            _kill_group(child)
            code = os.waitstatus_to_exitcode(status)
            return 128 - code if code < 0 else code


def _kill_group(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)


def _become(order: dict[str, Any]) -> None:
    """In the child: lock ourselves down, then turn into the program; never returns."""
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        held = confine(order)
        if not order["argv"]:
            sys.stdout.write(json.dumps(held))
            sys.stdout.flush()
            os._exit(0)
        os.execvp(order["argv"][0], order["argv"])  # noqa: S606  # no shell, an argument list of ours
    except OSError as error:
        sys.stderr.write(f"cannot start {order['argv'][:1]}: {error}\n")
        sys.stderr.flush()
        os._exit(127)


def confine(order: dict[str, Any]) -> dict[str, bool]:
    """Apply every restriction the system offers; says which of them hold."""
    held = {"limits": _limit(order), "dies_with_worker": False, "no_network": False, "few_folders": False}
    if sys.platform != "linux":
        return held
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getppid()
    held["no_network"] = _leave_network(libc)
    held["dies_with_worker"] = libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
    if os.getppid() != parent:
        os._exit(1)
    held["few_folders"] = _see_only(libc, order)
    return held


def _limit(order: dict[str, Any]) -> bool:
    with contextlib.suppress(OSError):
        os.nice(order.get("nice", 19))
    wanted = {
        resource.RLIMIT_CPU: order.get("cpu_s"),
        resource.RLIMIT_FSIZE: order.get("file_bytes"),
        resource.RLIMIT_DATA: order.get("memory_bytes"),
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in wanted.items():
        if value is not None:
            resource.setrlimit(limit, (value, value))
    return True


def _leave_network(libc: ctypes.CDLL) -> bool:
    """Move into a network namespace with nothing in it; needs root, or user namespaces for everybody."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNET) == 0:
        return True
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with contextlib.suppress(OSError):  # without a mapping we are nobody inside, and our files are still ours
        for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as stream:  # noqa: PTH123
                stream.write(line)
    return True


def _see_only(libc: ctypes.CDLL, order: dict[str, Any]) -> bool:
    """Landlock: system folders and ``readable`` to read, ``writable`` to write, everything else is refused.

    In ``sockets`` nothing but the making of a socket is allowed: LibreOffice insists on one in /tmp.
    """
    libc.syscall.restype = ctypes.c_long
    version = libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1 or libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    everything = EVERYTHING_V1 | (1 << 13 if version > 1 else 0) | (1 << 14 if version > 2 else 0)  # noqa: PLR2004
    handled = ctypes.c_uint64(everything)
    rules = libc.syscall(LANDLOCK_CREATE, ctypes.byref(handled), ctypes.c_size_t(8), ctypes.c_uint32(0))
    if rules < 0:
        return False
    for path in (*SYSTEM, *order.get("readable", [])):
        _allow(libc, rules, path, READ_ONLY)
    for path in (*DEVICES, *order.get("writable", [])):
        _allow(libc, rules, path, everything)
    for path in order.get("sockets", []):
        _allow(libc, rules, path, MAKE_SOCKET)
    is_done: bool = libc.syscall(LANDLOCK_RESTRICT, rules, ctypes.c_uint32(0)) == 0
    os.close(rules)
    return is_done


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112  # files take no folder rights
        rights &= 0b111 | 1 << 14
    rule = _PathBeneath(rights, descriptor)
    libc.syscall(LANDLOCK_ADD, rules, 1, ctypes.byref(rule), ctypes.c_uint32(0))
    os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())

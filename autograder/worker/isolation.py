"""Namespaces, limits and capabilities: what locks one submission away from everything else.

The zygote already lives in bubblewrap: no network, a read-only system, nothing of the grader in sight. A worker forked
from it still shares that box with the other workers, so it gets namespaces of its own before any student code runs:
user, mount, pid, IPC, network and host name. Its folders are fresh memory file systems with a size limit, it sees only
its own processes, and it holds no capability and cannot regain one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 4, 24, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 22, 2, 0x00050000, 0x7FFF0000
BPF_LOAD, BPF_EQUAL, BPF_AT_LEAST, BPF_RETURN, X32_BIT = 0x20, 0x15, 0x35, 0x06, 0x40000000
# memfd_create, memfd_secret, shmget; io_uring_setup, userfaultfd, bpf, perf_event_open; add_key, request_key, keyctl.
FORBIDDEN = {
    "x86_64": (0xC000003E, (319, 447, 29, 425, 323, 321, 298, 248, 249, 250)),
    "aarch64": (0xC00000B7, (279, 447, 194, 425, 282, 280, 241, 217, 218, 219)),
}
LINUX_CAPABILITY_VERSION_3 = 0x20080522
LAST_CAPABILITY = 63
INNER_ID = 1000
UNPRIVILEGED_ID = 65534

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Limits:
    """What one worker may use.

    Parameters
    ----------
    memory : int
        Bytes: address space of each process, and resident memory of all of them together.
    processes : int
        Processes and threads.
    disk : int
        Bytes in each of its writable folders.
    file_size : int
        Bytes of one file.
    open_files : int
        Open files of one process.
    cpu_seconds : int
        CPU time of one process.
    """

    memory: int = 4 << 30
    processes: int = 256
    disk: int = 512 << 20
    file_size: int = 256 << 20
    open_files: int = 512
    cpu_seconds: int = 900


def enter_namespaces() -> None:
    """Give this process, which must have a single thread, namespaces of its own.

    The next child that it forks is process 1 of the new pid namespace and calls `settle_in`.

    Raises
    ------
    OSError
        The kernel refuses; the machine cannot start workers by forking.
    """
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS
    if os.geteuid() != 0:
        _enter_user_namespace(flags)
    else:
        _check(_libc.unshare(flags), "unshare")


def settle_in(folders: list[str], keep: list[tuple[str, str]], limits: Limits) -> None:
    """Mount a fresh /proc and an empty, limited memory file system on each of ``folders``; stop being root.

    Called by process 1 of the new pid namespace. A grader that runs as root gets an unprivileged user here: the kernel
    exempts user 0 from the limit on processes and lets it write to /proc/sys even without capabilities.
    """
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    owner = UNPRIVILEGED_ID if os.geteuid() == 0 else INNER_ID
    options = f"size={limits.disk},nr_inodes=20000,mode=0700,uid={owner},gid={owner}"
    for folder in folders:
        _mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for copy, path in keep:
        # The interpreter may live below a folder that has just been covered; a second mount of it shows it again.
        os.umask(0o022)
        os.makedirs(path, exist_ok=True)
        _mount(copy, path, None, MS_BIND | MS_REC)
    # Terminals, too: `!command` in a notebook opens one, and a neighbour could write to it.
    _mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0600")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
        os.setresuid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
        # A process that changed its user may not write its own id maps until it is dumpable again.
        _check(_libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(PR_SET_DUMPABLE)")
        _enter_user_namespace(0)
    # Nobody in here may open a further user namespace: that is where many kernel bugs are found.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def _enter_user_namespace(flags: int) -> None:
    uid, gid = os.geteuid(), os.getegid()
    _check(_libc.unshare(CLONE_NEWUSER | flags), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} {gid} 1")


def set_limits(limits: Limits) -> None:
    """Set the resource limits of this process and all its children."""
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 1 << 20),
    ):
        hard = resource.getrlimit(kind)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (ceiling, ceiling))


def drop_privileges() -> None:
    """Give up every capability, for good."""
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")
    _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(LAST_CAPABILITY + 1):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")


def forbid_system_calls() -> None:
    """Let the system calls of `FORBIDDEN` fail with ENOSYS, in this process and all its children.

    They make memory that belongs to no process, which no limit and no watchdog here would see, or open parts of the
    kernel that coursework never needs. Other calling conventions of the processor are closed altogether.

    Raises
    ------
    OSError
        The kernel refuses the filter.
    """
    machine = platform.machine()
    if machine not in FORBIDDEN:
        return
    architecture, numbers = FORBIDDEN[machine]
    deny = SECCOMP_RET_ERRNO | errno.ENOSYS
    program = [(BPF_LOAD, 0, 0, 4), (BPF_EQUAL, 1, 0, architecture), (BPF_RETURN, 0, 0, deny), (BPF_LOAD, 0, 0, 0)]
    if machine == "x86_64":
        program += [(BPF_AT_LEAST, 0, 1, X32_BIT), (BPF_RETURN, 0, 0, deny)]
    for number in numbers:
        program += [(BPF_EQUAL, 0, 1, number), (BPF_RETURN, 0, 0, deny)]
    program.append((BPF_RETURN, 0, 0, SECCOMP_RET_ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    _check(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0), "prctl(PR_SET_SECCOMP)")


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    _libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)


def process_tree(root: int) -> tuple[int, int]:
    """Return the number of threads and the resident bytes of process ``root`` and all its descendants."""
    parents: dict[int, int] = {}
    usage: dict[int, tuple[int, int]] = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry)] = int(fields[1])
            usage[int(entry)] = (int(fields[17]), int(fields[21]) * page)
    threads = resident = 0
    members = {root}
    pending = [root]
    while pending:
        current = pending.pop()
        own_threads, own_resident = usage.get(current, (0, 0))
        threads, resident = threads + own_threads, resident + own_resident
        for pid, parent in parents.items():
            if parent == current and pid not in members:
                members.add(pid)
                pending.append(pid)
    return threads, resident


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    arguments = [text.encode() if text is not None else None for text in (source, target, kind)]
    data = options.encode() if options is not None else None
    _check(_libc.mount(*arguments, ctypes.c_ulong(flags), data), f"mount {kind or source} on {target}")


def _check(result: int, action: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{action}: {os.strerror(number)}")

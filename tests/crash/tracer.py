"""Records the system calls of a process that touch a folder, or kills it before one of them.

strace can do either, but not what is needed: it counts the calls that it injects into (``when=``) for every
thread alone, and it cannot attach to a process with a filter, so that all calls are stopped at. This is a
small strace made for the purpose. The process installs a seccomp filter for the calls in `NUMBERS`; the
kernel stops it at each of them, before it is carried out, and this one looks at the paths. `test_tracer.py`
holds it against strace.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.crash.calls import LINKS, RENAMES, Call, Counting, Point

NUMBERS: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "open": 2, "creat": 85, "openat": 257, "openat2": 437, "write": 1, "pwrite64": 18,
            "writev": 20, "pwritev": 296, "pwritev2": 328, "sendfile": 40, "copy_file_range": 326,
            "fallocate": 285, "truncate": 76, "ftruncate": 77, "fsync": 74, "fdatasync": 75,
            "rename": 82, "renameat": 264, "renameat2": 316, "link": 86, "linkat": 265,
            "symlink": 88, "symlinkat": 266, "unlink": 87, "unlinkat": 263, "rmdir": 84, "mkdir": 83,
            "mkdirat": 258,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "openat": 56, "openat2": 437, "write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70,
            "pwritev2": 287, "sendfile": 71, "copy_file_range": 285, "fallocate": 47, "truncate": 45,
            "ftruncate": 46, "fsync": 82, "fdatasync": 83, "renameat": 38, "renameat2": 276,
            "linkat": 37, "symlinkat": 36, "unlinkat": 35, "mkdirat": 34,
        },
    ),
}  # fmt: skip
"""By machine: how seccomp names it, and the numbers of its calls (as the kernel's ``unistd`` headers have
them).
"""

PATHS = {
    "open": ((None, 0),), "creat": ((None, 0),), "openat": ((0, 1),), "openat2": ((0, 1),),
    "truncate": ((None, 0),), "rename": ((None, 0), (None, 1)), "renameat": ((0, 1), (2, 3)),
    "renameat2": ((0, 1), (2, 3)), "link": ((None, 0), (None, 1)), "linkat": ((0, 1), (2, 3)),
    "symlink": ((None, 1),), "symlinkat": ((1, 2),), "unlink": ((None, 0),), "unlinkat": ((0, 1),),
    "rmdir": ((None, 0),), "mkdir": ((None, 0),), "mkdirat": ((0, 1),),
}  # fmt: skip
"""Which arguments are paths, each with the one of the folder that it starts from. Other calls take a file
that is open: `FILE` says which argument."""

FILE = {"copy_file_range": 2}

SEIZE, CONT, SYSCALL, EVENT_MESSAGE, SYSCALL_INFO, LISTEN = 0x4206, 7, 24, 0x4201, 0x420E, 0x4208
OPTIONS = 1 | 2 | 4 | 8 | 0x10 | 0x80 | 0x100000
"""TRACESYSGOOD, TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC, TRACESECCOMP, EXITKILL."""

EVENT_SECCOMP, EVENT_STOP = 7, 128
ALL_THREADS = 0x40000000
AT_REMOVEDIR = 0x200
RENAME_EXCHANGE = 2
PATIENCE_S = 120

if sys.platform == "linux":
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long


def why_not() -> str:
    """Why no process can be traced here; empty if one can."""
    if sys.platform != "linux" or platform.machine() not in NUMBERS:
        return f"system calls are known on Linux with {' or '.join(NUMBERS)} alone"
    try:
        run = traced(lambda: None, Path("/nonexistent"))
    except OSError as error:
        return f"processes may not be traced here: {error}"
    return "" if run.status == 0 else f"a traced process ended with {run.status}"


@dataclass
class Run:
    """What became of a process: ``status`` as ``subprocess`` has it, its calls, and where it was killed."""

    process: int
    status: int = 0
    calls: list[Call] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    killed_at: Point | None = None


def traced(work: Callable[[], object], root: Path, kill_at: Point | None = None) -> Run:
    """Do something in a forked process, and record its calls below ``root``, or kill it before one of them.

    Raises
    ------
    OSError : the system does not let it be traced.
    TimeoutError : it does not end.
    """
    ready, go = os.pipe()
    with warnings.catch_warnings():  # of threads, which the child does not have
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _begin(work, ready, go)
    os.close(ready)
    os.setpgid(child, child)  # a group of its own, so that no other child is waited for
    tracer = _Tracer(child, os.path.realpath(root), kill_at)
    before = signal.signal(signal.SIGALRM, _late)
    signal.alarm(PATIENCE_S)
    try:
        _ptrace(SEIZE, child, 0, OPTIONS)
        os.write(go, b"go")
        tracer.follow()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        os.close(go)
        tracer.end()
    return tracer.run


def _late(number: int, frame: object) -> None:
    raise TimeoutError(f"the traced process did not end within {PATIENCE_S} s")


def _begin(work: Callable[[], object], ready: int, go: int) -> None:
    """In the child: wait until it is traced, ask for stops at the calls, and work."""
    status = 1
    try:
        os.close(go)
        if os.read(ready, 2) == b"go":
            _install_filter()
            work()
            status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(status)


def _install_filter() -> None:
    """seccomp: stop at the calls of this machine's `NUMBERS`; any other is let through at full speed."""
    machine, numbers = NUMBERS[platform.machine()]
    wanted = sorted(numbers.values())
    load, equal, give = 0x20, 0x15, 0x06
    trace, allow = 0x7FF00000, 0x7FFF0000
    code = [(load, 0, 0, 4), (equal, 1, 0, machine), (give, 0, 0, allow), (load, 0, 0, 0)]
    code += [(equal, len(wanted) - place, 0, number) for place, number in enumerate(wanted)]
    code += [(give, 0, 0, allow), (give, 0, 0, trace)]
    program = b"".join(struct.pack("HBBI", *step) for step in code)
    steps = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(code), ctypes.addressof(steps))
    for what in ((38, 1, 0), (22, 2, ctypes.c_char_p(described))):  # NO_NEW_PRIVS, SECCOMP_MODE_FILTER
        if libc.prctl(what[0], what[1], what[2], 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


def _ptrace(request: int, process: int, address: int = 0, data: int = 0) -> int:
    ctypes.set_errno(0)
    found = libc.ptrace(request, process, address, data)
    if found == -1 and ctypes.get_errno():
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


class _Tracer:
    """Follows a process with all its threads and children."""

    def __init__(self, process: int, root: str, kill_at: Point | None) -> None:
        self.process, self.root, self.kill_at = process, root, kill_at
        self.run = Run(process)
        self._counting = Counting(process)
        self._names = {number: name for name, number in NUMBERS[platform.machine()][1].items()}
        self._open: dict[int, int] = {}
        """Threads in a call that is recorded: its place in the run."""

    def follow(self) -> None:
        while True:
            try:
                thread, status = os.waitpid(-self.process, ALL_THREADS)
            except ChildProcessError:
                return
            if os.WIFSTOPPED(status):
                with suppress(ProcessLookupError):  # killed meanwhile
                    self._stopped(thread, status >> 16, os.WSTOPSIG(status))
            elif thread == self.process:
                self.run.status = os.waitstatus_to_exitcode(status)
                return

    def end(self) -> None:
        """Leave nothing behind."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                thread, status = os.waitpid(-self.process, ALL_THREADS)
                if os.WIFSTOPPED(status):  # a child of it
                    with suppress(ProcessLookupError):
                        os.kill(thread, signal.SIGKILL)

    def _stopped(self, thread: int, event: int, number: int) -> None:
        resume, passed_on = CONT, 0
        if event == EVENT_SECCOMP:
            call = self._call(thread)
            if call is not None:
                point = self._counting.point(call)
                self.run.points.append(point)
                if point == self.kill_at:
                    self.run.killed_at = point
                    os.kill(self.process, signal.SIGKILL)
                    return
                self._open[thread] = len(self.run.calls)
                self.run.calls.append(call)
                resume = SYSCALL
        elif number == signal.SIGTRAP | 0x80:
            place = self._open.pop(thread)
            answer = struct.unpack_from("q", self._info(thread), 24)[0]
            if answer < 0:
                self.run.calls[place] = replace(self.run.calls[place], error=-answer)
        elif event == EVENT_STOP:
            if number != signal.SIGTRAP:
                resume = LISTEN
        elif event == 0:
            passed_on = number
            if thread in self._open:
                resume = SYSCALL
        _ptrace(resume, thread, 0, passed_on)

    def _info(self, thread: int) -> bytes:
        buffer = ctypes.create_string_buffer(88)
        _ptrace(SYSCALL_INFO, thread, len(buffer), ctypes.addressof(buffer))
        return buffer.raw

    def _call(self, thread: int) -> Call | None:
        """The call that a thread is about to make, if it touches the root."""
        number, *arguments = struct.unpack_from("7Q", self._info(thread), 24)
        name = self._names[number]
        made = False
        if name in ("open", "openat", "openat2", "creat"):
            flags = self._open_flags(thread, name, arguments)
            if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                return None
            made = bool(flags & (os.O_CREAT | os.O_TRUNC))
        if name in PATHS:
            paths = [self._path(thread, arguments, *where) for where in PATHS[name]]
        else:
            paths = [_link(f"/proc/{thread}/fd/{_int(arguments[FILE.get(name, 0)])}")]
        if name == "unlinkat":
            name = "rmdir" if arguments[2] & AT_REMOVEDIR else "unlink"
        below = [self._below(path) for path in paths]
        if all(path.startswith("../") for path in below):
            return None
        pair = name in RENAMES or (name in LINKS and len(below) > 1)
        swaps = name == "renameat2" and bool(arguments[4] & RENAME_EXCHANGE)
        return Call(name, below[0], below[1] if pair else "", made, swaps)

    def _open_flags(self, thread: int, name: str, arguments: list[int]) -> int:
        if name == "creat":
            return os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        if name == "openat2":
            return struct.unpack("Q", _memory(thread, arguments[2], 8))[0]
        return arguments[1 if name == "open" else 2]

    def _path(self, thread: int, arguments: list[int], folder: int | None, place: int) -> str:
        path = os.fsdecode(_memory(thread, arguments[place], 4096).split(b"\0")[0])
        if not path.startswith("/"):
            at = -100 if folder is None else _int(arguments[folder])
            start = _link(f"/proc/{thread}/" + ("cwd" if at == -100 else f"fd/{at}"))
            path = f"{start}/{path}"
        return os.path.normpath(path)

    def _below(self, path: str) -> str:
        """The path as seen from the root; of one elsewhere only its name."""
        if path == self.root:
            return "."
        if path.startswith(f"{self.root}/"):
            return path[len(self.root) + 1 :]
        return f"../{os.path.basename(path)}"


def _int(argument: int) -> int:
    """An argument that is an int of C."""
    return ctypes.c_int(argument & 0xFFFFFFFF).value


def _link(path: str) -> str:
    try:
        return os.readlink(path).removesuffix(" (deleted)")
    except OSError:
        return ""


def _memory(thread: int, address: int, size: int) -> bytes:
    """Bytes of another process, up to the end of what it has there."""
    with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        try:
            return memory.read(size)
        except OSError:
            memory.seek(address)
            return memory.read(4096 - address % 4096)

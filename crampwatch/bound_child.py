"""Runs another program so that it never outlives whoever started this.

``python bound_child.py PARENT_PID PROGRAM …``: on Linux the kernel does it; this process asks for SIGTERM at
its parent's death and then *becomes* the program. Elsewhere it stays, and ends the program when its standard
input closes, which it does when the parent dies.

Kept to the standard library and run as a plain file, so that it costs a few milliseconds.
"""

import os
import platform
import signal
import subprocess
import sys
import threading

# prctl(2): ask for a signal when the parent dies. The asking survives execve(2).
_PR_SET_PDEATHSIG = 1


def become(parent_pid: int, command: list[str]) -> None:
    """Turn this process into ``command``, which gets SIGTERM when the process ``parent_pid`` dies.

    Strictly, when the *thread* dies that started this process: start bound children from one that lasts.

    Raises:
        OSError: the kernel refuses, or the program cannot be run.
    """
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have died before the kernel was asked.
    if os.getppid() == parent_pid:
        os.execv(command[0], command)  # noqa: S606 - a fixed argument list, and no shell is wanted


def accompany(command: list[str]) -> int:
    """Run ``command`` until it ends or standard input closes; return its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def end_with_parent() -> None:
        while os.read(0, 4096):
            pass
        child.terminate()

    threading.Thread(target=end_with_parent, daemon=True).start()
    # Whoever stops this process means the program.
    signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
    return child.wait()


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit code."""
    parent_pid, *command = arguments
    if platform.system() == "Linux":
        become(int(parent_pid), command)
        return 1
    return accompany(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

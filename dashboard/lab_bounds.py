"""How much of the machine a process may use that reads a file from who knows where.

The night that is being recorded on the same machine must not feel it. Where the system knows no such bounds (Windows)
there are none.
"""

import os

# Ten times what the detector needs for a night; the kernel counts what a process may write to, not files it reads.
MEMORY_BYTES = 512 * 2**20
# A header and its notes are read in some tenths of a second, s of the processor.
LOOK_CPU_S = 30
# A night of eight channels at 4 kHz is looked through in minutes, s of the processor.
RUN_CPU_S = 3600


def bind(cpu_s: int, memory_bytes: int = MEMORY_BYTES) -> None:
    """Bind this process: beyond the memory it meets a `MemoryError`, beyond the time its end, and it leaves no core."""
    if os.name != "posix":
        return
    import resource

    for kind, bound in (
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hardest = resource.getrlimit(kind)
        least = bound if hardest == resource.RLIM_INFINITY else min(bound, hardest)
        resource.setrlimit(kind, (least, least))

"""A network of this process's own: nothing but loopback in it, or beside that a way out which leads here.

Linux alone has it, for root or for whoever may make a user namespace. The way out is a TUN interface with an address
and the default route: whatever would leave the machine is read here, and goes nowhere.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import subprocess
from pathlib import Path

_CLONE_NEWNET, _CLONE_NEWUSER = 0x4000_0000, 0x1000_0000
# linux/if_tun.h: set the interface; a TUN, without a header of its own before each packet.
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_LARGEST_PACKET = 65_536
WAY_OUT = "way-out"
# Addresses that documentation is written with (RFC 5737, RFC 3849): nobody's.
ADDRESS, ADDRESS_6 = "192.0.2.2/24", "2001:db8::2/64"
# Where a packet's protocol stands: IPv4 byte 9, IPv6 byte 6; ICMPv6, with which the kernel itself looks for neighbours.
_PROTOCOL_AT, _ICMP_6 = {4: 9, 6: 6}, 58


def leave() -> None:
    """Take this process, and those that it starts, into a network where only loopback is.

    Raises:
        OSError: this process may not.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid, is_root = os.getuid(), os.getgid(), os.geteuid() == 0
    if libc.unshare(_CLONE_NEWNET | (0 if is_root else _CLONE_NEWUSER)):
        raise OSError(ctypes.get_errno(), "unshare: no network of our own for this process")
    if not is_root:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    _ip("link", "set", "lo", "up")


class WayOut:
    """The only interface beyond loopback: it takes all that would leave.

    Raises:
        OSError: there is no TUN device, or this process may not use it.
    """

    def __init__(self) -> None:
        self._file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self._file, _TUNSETIFF, struct.pack("16sH22x", WAY_OUT.encode(), _IFF_TUN | _IFF_NO_PI))
        for setting in ("router_solicitations", "accept_ra"):
            Path(f"/proc/sys/net/ipv6/conf/{WAY_OUT}/{setting}").write_text("0")
        _ip("addr", "add", ADDRESS, "dev", WAY_OUT)
        _ip("-6", "addr", "add", ADDRESS_6, "dev", WAY_OUT, "nodad")
        _ip("link", "set", WAY_OUT, "up")
        _ip("route", "add", "default", "dev", WAY_OUT)
        _ip("-6", "route", "add", "default", "dev", WAY_OUT)

    def packets(self) -> list[bytes]:
        """Return what left since the last call, without the kernel's own ICMPv6."""
        taken: list[bytes] = []
        while True:
            try:
                packet = os.read(self._file, _LARGEST_PACKET)
            except BlockingIOError:
                return taken
            if not (packet[0] >> 4 == 6 and packet[_PROTOCOL_AT[6]] == _ICMP_6):
                taken.append(packet)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)

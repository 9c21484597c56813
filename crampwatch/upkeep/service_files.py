"""The files by which a Debian or Raspberry Pi starts the session at boot, hardened; text only.

One unit starts everything: the session's own supervisor keeps its four processes, and systemd keeps the supervisor.
"""

from collections.abc import Mapping
from dataclasses import dataclass

USER = "crampwatch"
HOME = "/var/lib/crampwatch"
UNIT = "/etc/systemd/system/crampwatch.service"
UDEV_RULE = "/etc/udev/rules.d/70-crampwatch.rules"
JOURNAL = "/etc/systemd/journald@crampwatch.conf"
# What a person gives for the journal, which names each event and alarm, to keep none of it.
JOURNAL_FORGETS = "sudo journalctl --namespace=crampwatch --rotate --vacuum-time=1s"

_UNIT = """# Written by `crampwatch setup --service`, which writes it again; put changes into {unit}.d/.
[Unit]
Description=crampwatch: watches a calf sensor for muscle cramps (a comfort aid, not a medical device)
After=network.target sound.target time-sync.target
# Never give up: nobody is at hand at night to start it again.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={program} run --no-browser --folder {home}
# Fed only while usable samples are judged, or an alarm says why none are (crampwatch/upkeep/watchdog.py).
WatchdogSec=10
TimeoutStartSec=120
TimeoutStopSec=30
Restart=always
RestartSec=1
User={user}
Group={user}
# Serial ports are the group dialout's, sound is audio's.
SupplementaryGroups=dialout audio
StateDirectory=crampwatch
StateDirectoryMode=0700
Environment=HOME={home} XDG_CONFIG_HOME={home}/configuration PYTHONDONTWRITEBYTECODE=1
UMask=0077
# The session's own journal, which {journal} keeps below 50 MB.
LogNamespace=crampwatch
LogRateLimitIntervalSec=30
LogRateLimitBurst=1000
Nice=-5
OOMScoreAdjust=-500

# What it may touch: its own folder, serial ports and the sound card; loopback, and the network for pushes.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
DevicePolicy=closed
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyACM rw
DeviceAllow=char-rfcomm rw
DeviceAllow=char-alsa rw
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# A process may still step back: the lab lets the watch come first.
SystemCallFilter=setpriority
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""
_RULE = """# Written by `crampwatch setup --service`: USB serial ports of common boards belong to the group dialout, and
# ModemManager, which talks to whatever is plugged in, leaves them alone.
{rows}
"""
_ROW = (
    '# {name}\nSUBSYSTEM=="tty", ATTRS{{idVendor}}=="{vendor}", GROUP="dialout", MODE="0660", '
    'ENV{{ID_MM_DEVICE_IGNORE}}="1"'
)
# Vendors of USB serial chips and boards that sensors are built on.
_VENDORS: Mapping[str, str] = {
    "2341": "Arduino",
    "2a03": "Arduino (dog hunter)",
    "1a86": "QinHeng CH340",
    "0403": "FTDI",
    "10c4": "Silicon Labs CP210x",
    "303a": "Espressif",
    "2e8a": "Raspberry Pi Pico",
    "239a": "Adafruit",
    "16c0": "Teensy",
}
_JOURNAL = """# Written by `crampwatch setup --service`: what crampwatch says is kept for two months or 50 MB.
# Read it with: journalctl --namespace=crampwatch -u crampwatch
[Journal]
SystemMaxUse=50M
SystemMaxFileSize=5M
RuntimeMaxUse=20M
MaxRetentionSec=60day
"""


@dataclass(frozen=True, slots=True)
class Host:
    """Where the service runs.

    Attributes:
        program: The `crampwatch` command, absolute.
        user: Who it runs as.
        home: Its data folder.
    """

    program: str
    user: str = USER
    home: str = HOME


def service_files(host: Host) -> Mapping[str, str]:
    """Return each file's text, by its absolute path."""
    rows = "\n".join(_ROW.format(vendor=vendor, name=name) for vendor, name in _VENDORS.items())
    return {
        UNIT: _UNIT.format(unit=UNIT, program=host.program, home=host.home, user=host.user, journal=JOURNAL),
        UDEV_RULE: _RULE.format(rows=rows),
        JOURNAL: _JOURNAL,
    }

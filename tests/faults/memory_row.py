"""Row C5: the kernel kills processes of a night because memory is used up."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from crampwatch.broker import PrivateBroker
from crampwatch.supervisor import Service
from tests.faults.kill_row import outcome
from tests.faults.kills import killed
from tests.faults.nursery import Forked
from tests.faults.row import Outcome, row
from tests.faults.scarce_memory import limited, no_limit, starve


@row(
    "C5",
    "out of memory: the kernel kills monitor, night log, broker, alerter at 60x (control group of 150 MB, a ballast)",
    "0 events lost, 0 alarms shown or pushed twice, 0 that were answered heard or pushed again",
    pr=0,
    nightly=50,
    missing=no_limit,
)
def starved_processes(repetitions: int) -> Outcome:
    with tempfile.TemporaryDirectory() as scratch, limited() as group:

        def kill(service: Service) -> bool:
            number = service.pid if isinstance(service, Forked | PrivateBroker) else None
            return number is not None and starve(group, number)

        return outcome(killed(Path(scratch), repetitions, seed=time.time_ns() % 1_000_000, how=kill))

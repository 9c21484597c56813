"""Who may say and hear what, as mosquitto reads it: made from the table of `detector.roles`."""

from typing import get_args

from crampwatch.broker_login import OWNER
from detector.roles import Role, heard_by, said_by

ROLES: tuple[Role, ...] = get_args(Role)


def access_list(*, owner: bool = False) -> str:
    """Return mosquitto's access list: what no line allows is refused.

    Args:
        owner: Whether the owner of the computer has a login, too, which may do everything: they could read and
            write the files of every role anyhow.
    """
    parts = ["# Made from detector/roles.py. What is not allowed here is refused.\n"]
    for role in ROLES:
        said = [f"topic write {pattern}" for pattern in said_by(role)]
        heard = [f"topic read {pattern}" for pattern in heard_by(role)]
        parts.append("\n".join([f"\nuser {role}", *said, *heard, ""]))
    if owner:
        parts.append(f"\nuser {OWNER}\ntopic readwrite #\n")
    return "".join(parts)

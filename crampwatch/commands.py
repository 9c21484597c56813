"""All subcommands, in the order that ``crampwatch --help`` lists them.

Only what ``--help`` needs is imported here; a subcommand brings its own.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import typer

from crampwatch.access_commands import account, tls
from crampwatch.export_commands import export
from crampwatch.interface_commands import openapi
from crampwatch.invite_commands import invite
from crampwatch.model_commands import calibrate, evaluate, train
from crampwatch.night_commands import check, demo, pair, ports, run, show_settings
from crampwatch.recording_commands import leg_movements, replay, score, simulate
from crampwatch.report_commands import report
from crampwatch.setup_commands import setup
from crampwatch.sharing_commands import annotate, bids
from crampwatch.upkeep_commands import backup, doctor, erase, recover, restore, retention

COMMANDS: Mapping[str, Callable[..., None]] = MappingProxyType(
    {
        "demo": demo,
        "run": run,
        "report": report,
        "replay": replay,
        "simulate": simulate,
        "score": score,
        "annotate": annotate,
        "leg-movements": leg_movements,
        "train": train,
        "evaluate": evaluate,
        "calibrate": calibrate,
        "ports": ports,
        "pair": pair,
        "check": check,
        "settings": show_settings,
        "setup": setup,
        "doctor": doctor,
        "backup": backup,
        "restore": restore,
        "recover": recover,
        "retention": retention,
        "erase": erase,
        "openapi": openapi,
        "invite": invite,
    }
)

app = typer.Typer(
    help="Watches a calf sensor for muscle cramps. A comfort aid, not a medical device.\n\n"
    "Start with `crampwatch demo`: a simulated sensor, a cramp within a minute, no hardware.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
# Those that have subcommands of their own.
GROUPS: Mapping[str, typer.Typer] = MappingProxyType(
    {"export": export, "bids": bids, "account": account, "tls": tls}
)
for _name, _group in GROUPS.items():
    app.add_typer(_group, name=_name)

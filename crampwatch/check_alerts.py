"""What the check says of the paths to people: each is tried, and what was proven is kept for the night.

A service that takes a push has been reached; whether a phone rang, only the person who carries it can tell.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crampwatch.check_line import Line, Verdict
from crampwatch.settings import AlarmSettings
from detector.alarms.values import Moment
from detector.alerter.caregivers import FILE_NAME, CaregiversError, Household, load_household
from detector.alerter.channels import Delivery, channel_trouble, deliver
from detector.alerter.dead_man import WITHOUT_ONE
from detector.alerter.evening_test import push_of_test
from detector.alerter.journal import Journal
from detector.alerter.player import Player, players
from detector.alerter.proof import JOURNAL, SOUND, Proof
from detector.sign_of_life import host_boot_id
from firmware_bridge.clock import Clock

# A chime, not an alarm.
_LOUDNESS = "louder"
# Modes in which the base station sounds for more than a call for help.
_SOUNDING = frozenset({"self-managed", "guarded"})


def alert_lines(settings: AlarmSettings, folder: Path, clock: Clock) -> list[Line]:
    """Return whether sound, caregivers and the watchdog outside can be relied on, by trying each.

    Args:
        settings: Which player, and who is woken.
        folder: Of the sessions: the file of caregivers, and the journal that the proofs go into.
        clock: Of the proofs.
    """
    proofs: list[Proof] = []
    lines = [_sound_line(settings, folder, clock, proofs)]
    try:
        household = load_household(folder / FILE_NAME)
    except CaregiversError as error:
        lines.append(Line("caregiver", "bad", str(error), f"correct {folder / FILE_NAME}"))
        household = None
    if household is not None:
        lines.append(_caregiver_line(household, folder, clock, proofs))
        lines.append(_watchdog_line(household))
    _keep(proofs, folder, clock)
    return lines


def _sound_line(settings: AlarmSettings, folder: Path, clock: Clock, proofs: list[Proof]) -> Line:
    try:
        commands = players(settings.player)
    except ValueError as error:
        return Line(SOUND, "bad", f"alarms.player in the settings: {error}", "close the quote")
    player = Player(commands, folder / JOURNAL.parent / "sounds")
    played = player.play_to_the_end("test", _LOUDNESS)
    proofs.append(Proof(SOUND, played, clock.wall(), player.trouble))
    if played:
        return Line(SOUND, "good", "a chime was played; only you can tell whether it was heard")
    verdict: Verdict = "bad" if settings.mode in _SOUNDING else "unknown"
    advice = "install pipewire, pulseaudio or alsa-utils, or name a player in the settings (alarms.player)"
    return Line(SOUND, verdict, player.trouble, advice)


def _caregiver_line(household: Household, folder: Path, clock: Clock, proofs: list[Proof]) -> Line:
    if not household.caregivers:
        return Line("caregiver", "unknown", f"not set up in {folder / FILE_NAME}: nobody elsewhere is told")
    troubles = [trouble for channel in household.channels if (trouble := channel_trouble(channel))]
    if troubles:
        return Line("caregiver", "bad", "; ".join(troubles), f"correct {folder / FILE_NAME}")
    deliveries = _tried(household, clock)
    proofs += [
        Proof(item.channel, item.outcome == "accepted", clock.wall(), item.reason, item.took_s)
        for item in deliveries
    ]
    failed = [item for item in deliveries if item.outcome != "accepted"]
    if failed:
        text = "; ".join(f"{item.channel}: {item.reason}" for item in failed)
        return Line(
            "caregiver",
            "bad",
            f"the test did not go out by {text}",
            "see the service's own page, and its URL",
        )
    text = ", ".join(f"{item.channel} in {item.took_s:.1f} s" for item in deliveries)
    return Line("caregiver", "good", f"channel proven: {text} took the test", "ask whether each phone rang")


def _tried(household: Household, clock: Clock) -> Sequence[Delivery]:
    channels = household.channels
    with ThreadPoolExecutor(len(channels)) as pool:
        return list(pool.map(lambda channel: deliver(push_of_test(channel, clock.wall()), channel), channels))


def _watchdog_line(household: Household) -> Line:
    if household.watchdog_url:
        return Line("watchdog", "good", "an address outside is pinged each minute while somebody watches")
    return Line("watchdog", "unknown", WITHOUT_ONE)


def _keep(proofs: Sequence[Proof], folder: Path, clock: Clock) -> None:
    with Journal(folder / JOURNAL, host_boot_id(), Moment(clock.mono_s(), clock.wall())) as journal:
        for proof in proofs:
            journal.prove(proof)

"""What is heard at the bed: rising, by priority, silent at once when somebody answers."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from detector.alarms.signals import Signals
from detector.alerter.bell import EVERY_S, Bell, Ring, ring_of
from detector.alerter.player import FILE, Player
from detector.alerter.tones import LOUDNESS
from tests.detector.alerter.players import heard_in, player_program, recording_player
from tests.detector.alerter.services import until

CRAMP = Signals("medium", "c", sounding_id="c", sound="soft")
HELP = Signals("high", "h", sounding_id="h", sound="louder")
PIPS = Signals("medium", "n", sounding_id="n", pip_every_s=60.0)
SILENCE = Signals("medium", "c")

SIGNALS = st.builds(
    Signals,
    priority=st.sampled_from(["low", "medium", "high"]),
    sounding_id=st.just("x"),
    sound=st.sampled_from(["off", "soft", "louder", "loud", "full"]),
    pip_every_s=st.sampled_from([None, 60.0, 600.0]),
)


def test_silence_where_nothing_is_to_be_heard() -> None:
    assert ring_of([]) is None
    assert ring_of([Signals(), SILENCE]) is None


def test_priority_decides_between_sensors_and_pips_come_last() -> None:
    assert ring_of([CRAMP, HELP]) == Ring("high", "louder", EVERY_S["high"])
    assert ring_of([PIPS, CRAMP]) == Ring("medium", "soft", EVERY_S["medium"])
    assert ring_of([PIPS]) == Ring("pip", "soft", 60.0)


def test_the_cancel_beep_is_heard_instead_of_its_alarm_and_never_instead_of_a_high_one() -> None:
    def beeps(*standing: Signals) -> bool:
        ring = ring_of(standing, cancel_beep=True)
        return ring is not None and ring.sound == "cancel"

    assert beeps()
    assert beeps(CRAMP, PIPS)
    assert not beeps(CRAMP, HELP)


@given(standing=st.lists(SIGNALS, max_size=5), cancel_beep=st.booleans())
def test_whatever_is_to_be_heard_is_heard_and_nothing_else(
    standing: list[Signals], *, cancel_beep: bool
) -> None:
    ring = ring_of(standing, cancel_beep=cancel_beep)
    audible = [item for item in standing if item.sound != "off" or item.pip_every_s]
    assert (ring is None) == (not audible and not cancel_beep)
    if ring is not None:
        assert ring.loudness in LOUDNESS
    if any(item.priority == "high" and item.sound != "off" for item in standing):
        assert ring is not None
        assert ring.sound == "high"


def test_bursts_come_at_their_pace_and_louder_ones_in_turn(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    player = Player([(recording_player(tmp_path, heard), FILE)], tmp_path / "sounds")
    bell = Bell(player)
    soft, loud = Ring("medium", "soft", 6.0), Ring("medium", "louder", 6.0)

    def ring(what: Ring | None, now_s: float) -> bool:
        began = bell.ring(what, now_s)
        assert until(lambda: not player.check())
        return began

    assert [ring(soft, at_s) for at_s in (0.0, 3.0, 6.0)] == [True, False, True]
    assert [ring(loud, at_s) for at_s in (7.0, 12.0)] == [False, True]
    assert [ring(Ring("high", "full", 4.0), 13.0), ring(soft, 14.0)] == [True, True]
    assert not ring(None, 15.0)
    assert ring(soft, 15.1)
    assert heard_in(heard) == [
        *("medium-soft.wav", "medium-soft.wav", "medium-louder.wav"),
        *("high-full.wav", "medium-soft.wav", "medium-soft.wav"),
    ]


def test_an_answer_is_silence_at_once(tmp_path: Path) -> None:
    started = tmp_path / "started"
    program = player_program(tmp_path, "long", f"echo x > {started}; sleep 60")
    player = Player([(program, FILE)], tmp_path / "sounds")
    bell = Bell(player)
    assert bell.ring(Ring("high", "full", 4.0), 0.0)
    assert until(started.exists)
    assert player.check()
    bell.ring(None, 0.1)
    assert not player.check()


def test_no_burst_cuts_off_the_one_before_it(tmp_path: Path) -> None:
    player = Player([(player_program(tmp_path, "long", "sleep 60"), FILE)], tmp_path / "sounds")
    bell = Bell(player)
    ring = Ring("medium", "soft", 0.1)
    assert bell.ring(ring, 0.0)
    assert not bell.ring(ring, 50.0)
    player.stop()

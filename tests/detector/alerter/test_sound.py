"""Sound from the base station: tones that differ, and players that are started, watched, and passed over."""

from __future__ import annotations

import io
import os
import time
import wave
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from detector.alerter import player as player_module
from detector.alerter.player import FILE, Player, players
from detector.alerter.tones import BURSTS, LOUDNESS, SAMPLE_RATE_HZ, Sound, duration_s, wav
from tests.detector.alerter.players import heard_in, player_program, recording_player


def samples(content: bytes) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


@pytest.mark.parametrize("sound", get_args(Sound))
def test_a_sound_is_a_wav_file_as_long_and_as_loud_as_said(sound: Sound) -> None:
    for amplitude in LOUDNESS.values():
        heard = samples(wav(sound, amplitude))
        assert len(heard) == pytest.approx(duration_s(sound) * SAMPLE_RATE_HZ, abs=len(BURSTS[sound]) * 2)
        assert abs(heard).max() == pytest.approx(amplitude * 32767, abs=1)
        # Neither end clicks.
        assert abs(int(heard[0])) < 40
        assert abs(int(heard[-1])) < 40


def test_no_two_sounds_are_alike_and_louder_is_louder() -> None:
    assert len({wav(sound, 1.0) for sound in get_args(Sound)}) == len(get_args(Sound))
    assert list(LOUDNESS.values()) == sorted(LOUDNESS.values())
    assert LOUDNESS["full"] == 1


def test_a_tone_has_four_harmonics_of_a_fundamental_below_1000_hz() -> None:
    heard = samples(wav("pip", 1.0)).astype(float)
    power = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 1 << 16))
    tone_hz = np.fft.rfftfreq(1 << 16, 1 / SAMPLE_RATE_HZ)

    def level_db(frequency_hz: float) -> float:
        near = power[np.abs(tone_hz - frequency_hz) < 20].max()
        return float(20 * np.log10(near / power.max()))

    assert [level_db(523.25 * number) > -15 for number in range(1, 6)] == [True] * 5


@pytest.mark.parametrize("amplitude", [0.0, -1.0, 1.1, float("nan")])
def test_a_loudness_that_no_file_can_hold_is_refused(amplitude: float) -> None:
    with pytest.raises(ValueError, match="expected above 0"):
        wav("pip", amplitude)


def test_the_player_of_the_settings_comes_first_and_installed_ones_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player_program(tmp_path, "aplay", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert players() == (("aplay", "-q", FILE),)
    assert players("my player 'a b'") == (("my", "player", "a b", FILE), ("aplay", "-q", FILE))
    assert players("cat {file} -n")[0] == ("cat", FILE, "-n")
    with pytest.raises(ValueError, match="closing quotation"):
        players("a 'b")


def made(tmp_path: Path, *programs: str) -> Player:
    return Player([(program, FILE) for program in programs], tmp_path / "sounds")


def test_a_player_is_given_a_whole_file(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    player = made(tmp_path, player_program(tmp_path, "plays", f'cp "$1" {kept}'))
    assert player.play_to_the_end("high", "soft")
    assert kept.read_bytes() == wav("high", LOUDNESS["soft"])
    assert player.trouble == ""


def test_one_that_is_absent_or_fails_is_passed_over_at_once_and_tried_last_afterwards(tmp_path: Path) -> None:
    heard, tried = tmp_path / "heard", tmp_path / "tried"
    fails = player_program(tmp_path, "fails", f"echo x >> {tried}; exit 3")
    player = made(tmp_path, "/absent/player", fails, recording_player(tmp_path, heard))
    assert player.play_to_the_end("pip")
    assert player.play_to_the_end("medium")
    assert heard_in(heard) == ["pip-full.wav", "medium-full.wav"]
    assert (player.failures, heard_in(tried)) == (2, ["x"])


def test_one_that_hangs_is_killed_with_its_children_and_the_next_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player_module, "_HANGS_AFTER_S", 0.2)
    heard, child = tmp_path / "heard", tmp_path / "child"
    hangs = player_program(tmp_path, "hangs", f"sleep 60 & echo $! > {child}; wait")
    player = made(tmp_path, hangs, recording_player(tmp_path, heard))
    assert player.play_to_the_end("pip")
    assert heard_in(heard) == ["pip-full.wav"]
    assert _ended(int(child.read_text()))


def test_without_any_player_it_says_so_and_says_no_more_once_there_is_one(tmp_path: Path) -> None:
    works, heard = tmp_path / "works", tmp_path / "heard"
    player = made(tmp_path, player_program(tmp_path, "perhaps", f'test -e {works} && echo "$1" > {heard}'))
    assert not player.play_to_the_end("pip")
    assert "No player works" in player.trouble
    assert not Player([], tmp_path).play_to_the_end("pip")
    works.touch()
    assert player.play_to_the_end("pip")
    assert player.trouble == ""


def test_silence_is_at_once(tmp_path: Path) -> None:
    started = tmp_path / "started"
    player = made(tmp_path, player_program(tmp_path, "long", f"echo $$ > {started}; sleep 60"))
    player.play("high")
    while not started.exists() or not started.read_text():
        assert player.check()
        time.sleep(0.01)
    player.stop()
    assert not player.check()
    assert _ended(int(started.read_text()))


def test_sounds_that_cannot_be_written_are_a_trouble_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "sounds").write_text("in the way")
    player = made(tmp_path, recording_player(tmp_path, tmp_path / "heard"))
    assert not player.play_to_the_end("pip")
    assert player.trouble


def test_every_sound_is_made_beforehand(tmp_path: Path) -> None:
    made(tmp_path, "x").prepare()
    assert len(list((tmp_path / "sounds").glob("*.wav"))) == len(BURSTS) * len(LOUDNESS)


def _ended(pid: int) -> bool:
    end_s = time.monotonic() + 5
    while time.monotonic() < end_s:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.01)
    return False

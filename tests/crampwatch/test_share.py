"""What is given away holds the night, and nothing of whose it was: every byte is searched."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from crampwatch.bids import read_dataset
from crampwatch.commands import app
from crampwatch.share import CONSENT
from crampwatch.share_cleaning import Alias, ShareError, alias_of, clean_site, kept_note
from crampwatch.upkeep.erase import erase_everything, erase_night
from crampwatch.upkeep.home import Home
from dashboard.labels import Label, Labels
from dashboard.night_log import NightLog
from detector import detect, open_recording, read_events
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorStatus
from tests.dashboard.recorded import INFO

NIGHT = "2026-11-21_annas-bein"
START = datetime(2026, 11, 22, 1, 0, 3, tzinfo=UTC)
# Whose it was, in all the places where that stands.
SECRETS = (
    *(
        "annas-bein",
        "Gertrude",
        "Kowalski",
        "fell out of bed",
        "HW-77-SECRET",
        "firmware-of-anna",
        "4242424242",
    ),
    *("2026-", "-2026", "22-NOV", "22.11.26", "21.11.26", "annas-bein-20261122"),
)


def record_own(home: Path, evening: str, start: datetime, firmware: str = "firmware-of-anna") -> Path:
    folder = home / "nights" / f"{evening}_annas-bein"
    folder.mkdir(parents=True)
    info = replace(
        INFO,
        sensor_id="annas-bein",
        sites=("kowalski-calf",),
        hardware_id="HW-77-SECRET",
        firmware=firmware,
        boot_id=4242424242,
    )
    rng = np.random.default_rng(5)
    emg = rng.normal(0, 40, 30_000)
    emg[20_000:] *= 30
    counts = emg.astype(np.int16)[:, None]
    acc = rng.integers(-20, 20, (3_000, 3), dtype=np.int16)
    with NightRecorder(folder / "signal.edf", info, recording_id="annas-bein-20261122", start=start) as night:
        night.write(SampleBlock(info, 0, counts[:10_000], acc[:1_000]))
        night.write(Mark(10_000, "note", "Gertrude Kowalski fell out of bed"))
        night.write(Mark(10_000, "cue", "Gertrude Kowalski", 1.5))
        night.write(Mark(10_000, "clock", "2026-11-22T01:00:13+00:00 13000000"))
        night.write(Gap(10_000, 2_000, "link down"))
        night.write(SensorStatus(12_000, 3700, (False,), 0, 0))
        night.write(SampleBlock(info, 12_000, counts[12_000:], acc[1_200:]))
        night.annotate(20_000, "label", "Gertrude Kowalski: cramp", 5.0)
    return folder / "signal.edf"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    record_own(home, "2026-11-21", START)
    log = NightLog(home / "night_log.sqlite")
    label = Label(
        "l1",
        NIGHT,
        "Gertrude Kowalski",
        "cramp",
        "2026-11-22T08:00:00.000Z",
        note="fell out of bed",
        onset_at="2026-11-22T01:00:23.000Z",
        ended_at="2026-11-22T01:00:31.000Z",
    )
    Labels(log.database).put(label)
    log.close()
    return home


Share = Callable[..., Result]


@pytest.fixture
def share(home: Path) -> Share:
    def run(out: Path, *options: str, consent: str = CONSENT, licence: str = "CC0-1.0") -> Result:
        words = ["export", "--share", "--folder", str(home), "--out", str(out), "--licence", licence]
        said = ["--consent", consent] if consent else []
        return CliRunner().invoke(app, [*words, *said, *options])

    return run


def streamed(recording: Recording) -> object:
    items = list(recording.items())
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    return (
        np.concatenate([block.emg_counts for block in blocks]).tolist(),
        np.concatenate([block.acc_counts for block in blocks]).tolist(),
        [item for item in items if isinstance(item, Gap | SensorStatus)],
    )


def test_nothing_in_any_byte_says_whose_it_was(share: Share, home: Path, tmp_path: Path) -> None:
    done = share(tmp_path / "gift", "--zip")
    assert done.exit_code == 0, (done.output, done.exception)
    source = (home / "nights" / NIGHT / "signal.edf").read_bytes()
    assert all(secret.encode() in source for secret in ("annas-bein", "HW-77-SECRET", "22-NOV-2026"))
    with zipfile.ZipFile(tmp_path / "gift.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    loose = {
        f"gift/{p.relative_to(tmp_path / 'gift').as_posix()}": p.read_bytes()
        for p in _files(tmp_path / "gift")
    }
    assert packed == loose
    for name, content in packed.items():
        for secret in SECRETS:
            for spelling in {secret, secret.lower(), secret.upper(), secret.title()}:
                assert spelling.encode() not in content, (name, spelling)
                assert spelling.encode("utf-16-le") not in content, (name, spelling)
                assert spelling not in name
    years = {
        datetime.fromtimestamp(path.stat().st_mtime, UTC).year for path in (tmp_path / "gift").rglob("*")
    }
    assert years == {1987}


def test_the_night_itself_is_all_there(share: Share, home: Path, tmp_path: Path) -> None:
    assert share(tmp_path / "gift").exit_code == 0
    (night,) = read_dataset(tmp_path / "gift")
    shared, own = open_recording(night.path), open_recording(home / "nights" / NIGHT / "signal.edf")
    assert streamed(shared) == streamed(own)
    assert shared.info.emg_scales == own.info.emg_scales
    assert [(mark.kind, mark.text, mark.duration_s) for mark in shared.annotations if mark.kind == "cue"] == [
        ("cue", "", 1.5)
    ]
    mine = [(row["onset"], row["duration"], row["trial_type"], row["alert"]) for row in detect(own)]
    assert mine
    assert night.events is not None
    assert [
        (e.onset_s, round(e.duration_s, 3), e.trial_type, e.alert) for e in read_events(night.events)
    ] == [(onset, round(float(duration or 0), 3), kind, alert) for onset, duration, kind, alert in mine]
    (labels,) = (tmp_path / "gift" / "derivatives" / "labels").rglob("*_events.tsv")
    assert [(one.onset_s, one.duration_s, one.extra["label"]) for one in read_events(labels)] == [
        (20.0, 8.0, "cramp")
    ]


def test_the_card_says_what_it_is_and_the_sums_agree(share: Share, tmp_path: Path) -> None:
    assert share(tmp_path / "gift", licence="CC-BY-NC-4.0").exit_code == 0
    card = json.loads((tmp_path / "gift" / "dataset_card.json").read_text())
    assert card["licence"]["spdx"] == "CC-BY-NC-4.0"
    assert (card["synthetic"], card["nights"][0]["emg_rate_hz"]) == (False, 1000)
    assert card["nights"][0]["labels"] == {"cramp": 1}
    assert "SPDX-License-Identifier: CC-BY-NC-4.0" in (tmp_path / "gift" / "LICENSE").read_text()
    description = json.loads((tmp_path / "gift" / "dataset_description.json").read_text())
    assert description["License"] == "CC-BY-NC-4.0"
    lines = [line.split("  ") for line in (tmp_path / "gift" / "SHA256SUMS").read_text().splitlines()]
    sums = {name: told for told, name in lines}
    files = {path.relative_to(tmp_path / "gift").as_posix(): path for path in _files(tmp_path / "gift")}
    assert sums.keys() == files.keys() - {"SHA256SUMS"}
    assert all(hashlib.sha256(files[name].read_bytes()).hexdigest() == told for name, told in sums.items())


def test_nights_of_a_person_stay_in_order_and_apart_by_as_much(
    share: Share, home: Path, tmp_path: Path
) -> None:
    record_own(home, "2026-12-05", START + timedelta(days=14))
    assert share(tmp_path / "one", "--night", "2026-11-21").exit_code == 0
    assert share(tmp_path / "two", "--night", "2026-12-05", "--synthetic").exit_code == 0
    (first,), (second,) = read_dataset(tmp_path / "one"), read_dataset(tmp_path / "two")
    assert first.subject == second.subject
    begun, later = open_recording(first.path).start, open_recording(second.path).start
    assert begun is not None
    assert later is not None
    assert later - begun == timedelta(days=14)
    assert (begun.hour, begun.minute) == (1, 0)
    assert 1986 <= begun.year <= 1996
    assert stat.S_IMODE((home / "share_shift.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "two" / "dataset_card.json").read_text())["synthetic"] is True


@pytest.mark.parametrize("firmware", ["synthetic", "second synthetic wearer"])
def test_a_night_that_says_it_is_synthetic_goes_out_as_such(
    share: Share, home: Path, tmp_path: Path, firmware: str
) -> None:
    record_own(home, "2026-12-05", START, firmware)
    assert share(tmp_path / "gift", "--night", "2026-12-05").exit_code == 0
    assert json.loads((tmp_path / "gift" / "dataset_card.json").read_text())["synthetic"] is True


@pytest.mark.parametrize("consent", ["", "yes", "I share it"])
def test_without_the_wearers_words_nothing_is_written(
    share: Share, home: Path, tmp_path: Path, consent: str
) -> None:
    done = share(tmp_path / "gift", consent=consent)
    assert isinstance(done.exception, ShareError)
    assert "nothing was written" in str(done.exception)
    assert "Taken out:" in done.stderr
    assert not (tmp_path / "gift").exists()
    assert not (home / "share_shift.json").exists()


def test_places_that_are_taken_and_unknown_licences_are_refused(share: Share, tmp_path: Path) -> None:
    (tmp_path / "gift").mkdir()
    assert "is there already" in str(share(tmp_path / "gift").exception)
    assert "expected one of CC0-1.0" in str(share(tmp_path / "other", licence="MIT").exception)
    assert share(tmp_path / "third", "labels").exit_code != 0
    assert CliRunner().invoke(app, ["export", "--share"]).exit_code == 2
    assert [path.name for path in tmp_path.iterdir() if path.name not in {"home", "gift"}] == []


def test_what_slips_through_the_cleaning_is_found_and_nothing_is_left(
    share: Share, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.share.kept_note", lambda mark: mark if mark.kind == "note" else None)
    done = share(tmp_path / "gift", "--zip")
    assert isinstance(done.exception, ShareError)
    assert "3 of the words that were to be taken out" in str(done.exception)
    assert "Gertrude" not in str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("content", ["", "[]", '{"days": "many"}', '{"subject": "x"}'])
def test_a_damaged_shift_is_said_not_drawn_anew(home: Path, content: str) -> None:
    path = home / "share_shift.json"
    path.touch(0o600)
    path.write_text(content)
    with pytest.raises(ShareError, match="expected this wearer's shift of dates"):
        alias_of(home, START)
    path.write_text('{"subject": "abc", "days": -14000}')
    assert alias_of(home, START) == Alias("abc", -14000)
    path.chmod(0o644)
    with pytest.raises(ShareError, match="owner alone"):
        alias_of(home, START)


@pytest.mark.parametrize(
    ("site", "cleaned"),
    [
        ("left-calf", "left-calf"),
        ("gastrocnemius medial 2", "gastrocnemius medial 2"),
        ("annas calf", "site-1"),
    ],
)
def test_a_site_says_where_and_not_whose(site: str, cleaned: str) -> None:
    assert clean_site(site, 1) == cleaned


def test_of_notes_only_the_known_go_out_and_without_their_text() -> None:
    assert kept_note(Mark(0, "note", "Anna")) is None
    assert kept_note(Mark(0, "setting", "mode=Anna")) is None
    assert kept_note(Mark(0, "limits", "Anna was here")) is None
    assert kept_note(Mark(0, "limits", "cramp_ratio=4.5 Anna")) == Mark(0, "limits", "cramp_ratio=4.5")
    assert kept_note(Mark(5, "button long", "Anna")) == Mark(5, "button long", "")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_who_erases_everything_erases_the_shift_and_a_night_alone_leaves_it(home: Path) -> None:
    before = alias_of(home, START)
    erase_night(Home(home), NIGHT)
    assert alias_of(home, START) == before
    erase_everything(Home(home))
    assert list(home.iterdir()) == []
    assert alias_of(home, START).subject != before.subject

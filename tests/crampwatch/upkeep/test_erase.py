"""What was erased is nowhere: every byte of every file is searched."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crampwatch.session_lock import only_session
from crampwatch.upkeep.erase import erase_everything, erase_night, plan_of_everything, plan_of_night
from crampwatch.upkeep.errors import EraseError
from crampwatch.upkeep.everything import export_everything
from crampwatch.upkeep.home import Home
from dashboard.access_store import AccessStore
from dashboard.diary_store import DiaryStore
from dashboard.labels import Label, Labels
from dashboard.night_log import NightLog
from detector.alarms import store
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import Act, AlarmCode, Moment, Observation
from detector.outbox import Outbox
from firmware_bridge.recorder import NightRecorder
from tests.dashboard.events import alarm, event
from tests.detector.mqtt_world import TOPICS
from tests.detector.signals import Scene

NIGHTS = {"2026-11-20_left-calf": "recgone", "2026-11-21_left-calf": "recstays"}
GONE, STAYS = NIGHTS
SCENE = Scene(3.0)


def in_night(night: str) -> str:
    return f"{night[:10]}T22:30:00.000Z"


def said(recording_id: str, night: str, seq: int) -> dict[str, object]:
    made = event(seq, f"{recording_id}.7", sensor="left-calf", recording_id=recording_id)
    return made | {"onset_at": in_night(night), "reason": f"reason-{recording_id}"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    with closing(NightLog(home.night_log)) as log:
        for seq, (night, recording_id) in enumerate(NIGHTS.items(), 1):
            folder = home.nights / night
            folder.mkdir(parents=True)
            start = datetime.fromisoformat(f"{night[:10]}T22:00:00+00:00")
            path = folder / "signal.edf"
            with NightRecorder(path, SCENE.info, recording_id=recording_id, start=start) as recorder:
                recorder.write(SCENE.block())
            changed = alarm(f"left-calf.{seq}") | {"at": in_night(night), "text": f"alarm-{recording_id}"}
            log.add([said(recording_id, night, seq)], [changed])
            note = {"note": f"diary-{recording_id}"}
            DiaryStore(log.database).put(night[:10], note, at="2026-11-30T06:00:00.000Z")
            Labels(log.database).put(
                Label(
                    id=f"label-{seq}",
                    event_id=f"{recording_id}.7",
                    night=night,
                    by="anna",
                    verdict="cramp",
                    note=f"label-of-{recording_id}",
                    at="2026-11-30T06:00:00.000Z",
                )
            )
    with Outbox(home.folder / "outbox" / "left-calf.sqlite") as outbox:
        for seq, (night, recording_id) in enumerate(NIGHTS.items(), 1):
            outbox.append(TOPICS.event, said(recording_id, night, seq))
    (home.folder / "night_log.sqlite.bad-20261122T010101").write_text("recgone was here")
    return home


def found(home: Home, word: str) -> list[Path]:
    return [path for path in home.folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_of_an_erased_night_no_byte_is_left_and_of_others_every_row(home: Home) -> None:
    assert len(found(home, "recgone")) >= 4
    erasure = plan_of_night(home, GONE)
    assert erasure.rows == 5
    assert erase_night(home, GONE) == erasure
    for word in ("recgone", GONE):
        assert found(home, word) == []
    with closing(NightLog(home.night_log)) as log:
        assert [message["id"] for message in log.recent()] == ["recstays.7"]
        assert [message["text"] for message in log.alarms()] == ["alarm-recstays"]
        assert [sheet.date for sheet in DiaryStore(log.database).evenings()] == [STAYS[:10]]
        assert [one.night for one in Labels(log.database).all()] == [STAYS]
    with Outbox(home.folder / "outbox" / "left-calf.sqlite") as outbox:
        assert outbox.quarantined is None
        assert len(outbox.pending()) == 1
    assert (home.nights / STAYS / "signal.edf").is_file()


@pytest.mark.parametrize("linked", ["nights", f"nights/{GONE}"])
def test_recordings_on_another_disk_go_too_and_what_else_lies_there_stays(
    home: Home, tmp_path: Path, linked: str
) -> None:
    elsewhere = tmp_path / "disk"
    (home.folder / linked).rename(elsewhere)
    (home.folder / linked).symlink_to(elsewhere)
    kept = tmp_path / "disk" / "holiday.jpg" if linked == "nights" else tmp_path / "holiday.jpg"
    kept.touch()
    erase_everything(home)
    assert list(home.folder.iterdir()) == []
    assert list(tmp_path.rglob("*.edf")) == []
    assert kept.exists()


def test_what_somebody_did_in_that_night_about_other_things_stays(home: Home) -> None:
    in_it = datetime.fromisoformat(f"{GONE[:10]}T23:00:00+00:00")
    accounts = AccessStore(home.folder / "accounts.sqlite")
    accounts.add("anna", "caregiver", "a long password", now=in_it)
    with closing(NightLog(home.night_log)) as log:
        said_then = next(one for one in Labels(log.database).all() if one.night == STAYS)
        Labels(log.database).put(replace(said_then, id="late", at=in_night(GONE)))
        DiaryStore(log.database).put_profile({"age": "70"}, at=in_night(GONE))
    erase_night(home, GONE)
    assert [one.name for one in accounts.accounts()] == ["anna"]
    with closing(NightLog(home.night_log)) as log:
        assert {one.night for one in Labels(log.database).all()} == {STAYS}
        assert len(Labels(log.database).all()) == 2
        assert DiaryStore(log.database).profile() is not None


def test_a_night_whose_recordings_are_gone_is_erased_by_its_time(home: Home) -> None:
    (home.nights / GONE / "signal.edf").unlink()
    erase_night(home, GONE)
    assert found(home, "recgone") == []
    assert found(home, "recstays")
    with pytest.raises(EraseError, match="nothing is known of it"):
        plan_of_night(home, GONE)


def test_everything_is_everything(home: Home) -> None:
    plan = plan_of_everything(home)
    # What it cannot reach it names: in a service's journal stands each event in words.
    assert any("journalctl --namespace=crampwatch" in kept for kept in plan.kept)
    assert erase_everything(home) == plan
    assert list(home.folder.iterdir()) == []


def test_nothing_is_erased_under_a_running_session(home: Home) -> None:
    with only_session(home.folder), pytest.raises(EraseError, match="a session uses it"):
        erase_everything(home)
    assert found(home, "recgone")


@pytest.mark.parametrize("name", ["", "yesterday", "2026-13-01_left-calf", "../2026-11-20_left-calf"])
def test_a_name_that_is_no_nights_erases_nothing(home: Home, name: str) -> None:
    with pytest.raises(EraseError, match="expected a date and a sensor"):
        erase_night(home, name)
    assert found(home, "recgone")


def test_all_that_is_known_is_exported_in_open_formats(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (home.folder / "caregivers.toml").write_text("secret-of-anna")
    assert export_everything(home, tmp_path / "none.toml", out, home.night_log) == 10
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    assert {one["recording_id"] for one in events} == set(NIGHTS.values())
    assert "diary-recgone" in (out / "diary.jsonl").read_text()
    assert (out / "nights" / GONE / "signal.edf").read_bytes() == (
        home.nights / GONE / "signal.edf"
    ).read_bytes()
    assert [path for path in out.rglob("*") if path.is_file() and b"secret" in path.read_bytes()] == []


def two_sensors(folder: Path, gone: str, stays: str) -> Home:
    """Two sensors in one evening, each with an event, an alarm, a label, and an alarm engine that remembers it."""
    home = Home(folder / "home")
    with closing(NightLog(home.night_log)) as log:
        for seq, sensor in enumerate((gone, stays), 1):
            night, rec = f"{GONE[:10]}_{sensor}", f"rec{seq}"
            (home.nights / night).mkdir(parents=True)
            told = event(seq, f"{rec}.7", sensor=sensor, recording_id=rec) | {"onset_at": in_night(night)}
            changed = alarm(f"{sensor}.{seq}") | {"at": in_night(night), "sensor": sensor}
            log.add([told], [changed])
            said = Label(
                rec, night, "anna", "cramp", "2026-11-30T06:00:00.000Z", f"{rec}.7", note="calf and left leg"
            )
            Labels(log.database).put(said)
            with Outbox(home.folder / "outbox" / f"{sensor}.sqlite") as outbox, outbox.transaction() as into:
                began = Moment(5.0, datetime.fromisoformat(in_night(night)))
                engine = AlarmEngine(sensor, "self-managed", began)
                engine.act(Act("arm", "anna", override=True), began)
                later = replace(began, mono_s=400.0)
                full: dict[AlarmCode, Observation] = {
                    "STORAGE": Observation(f"disk of {rec} full", since_s=5.0)
                }
                engine.conditions(full, began)
                store.write(into, engine, engine.conditions(full, later))
    return home


@pytest.mark.parametrize(("gone", "stays"), [("left", "left-calf"), ("calf", "left-calf"), ("a", "ab")])
def test_a_sensor_whose_name_is_a_part_of_anothers_keeps_none_and_takes_none_of_its_rows(
    tmp_path: Path, gone: str, stays: str
) -> None:
    home = two_sensors(tmp_path, gone, stays)
    kept = (home.folder / "outbox" / f"{stays}.sqlite").read_bytes()
    assert b"disk of rec2 full" in kept
    erase_night(home, f"{GONE[:10]}_{gone}")
    with closing(NightLog(home.night_log)) as log:
        assert [message["id"] for message in log.recent()] == ["rec2.7"]
        assert [message["sensor"] for message in log.alarms()] == [stays]
        assert [one.night for one in Labels(log.database).all()] == [f"{GONE[:10]}_{stays}"]
    assert found(home, "rec1") == []
    assert found(home, "disk of rec2 full") == [home.folder / "outbox" / f"{stays}.sqlite"]


def test_the_alarm_engine_forgets_the_night_and_starts_without_a_complaint(tmp_path: Path) -> None:
    home = two_sensors(tmp_path, "left", "left-calf")
    path = home.folder / "outbox" / "left.sqlite"
    assert b"STORAGE" in path.read_bytes()
    erase_night(home, f"{GONE[:10]}_left")
    raw = path.read_bytes()
    assert [word for word in (b"STORAGE", GONE[:10].encode(), b"20261120T") if word in raw] == []
    with Outbox(path) as outbox:
        engine = store.load(outbox, "left", "observe", Moment(900.0, datetime.now(UTC)), boot_id="")
    assert engine.mode == "self-managed"
    assert engine.occurrences == ()


def test_a_database_that_cannot_be_read_is_named_and_nothing_is_erased(home: Home) -> None:
    (home.folder / "outbox" / "left-calf.sqlite").write_bytes(b"recgone" * 4000)
    with pytest.raises(EraseError, match=r"left-calf\.sqlite: cannot be read"):
        erase_night(home, GONE)
    assert (home.nights / GONE).is_dir()

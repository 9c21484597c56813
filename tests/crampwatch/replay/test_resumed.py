"""What is finished is not done again; what has changed is not overwritten; what was cut short is made whole."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crampwatch.channel_flags import ChannelFlags
from crampwatch.replay.files import replay_files
from crampwatch.replay.one import Found
from crampwatch.replay.parquet import COLUMNS, night_of, person_of
from crampwatch.replay.receipts import FOLDER
from crampwatch.replay.request import ReplayError
from crampwatch.replay.span import Span
from tests.crampwatch.nights_on_disk import record
from tests.crampwatch.replay.replaying import SCENES, cohort, request, written

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cohort(tmp_path_factory.mktemp("sub-07"))


@pytest.fixture
def done(nights: Path, tmp_path: Path) -> Path:
    """A folder of events in which everything is finished."""
    out = tmp_path / "out"
    assert replay_files(request(nights, events_dir=out)) == 0
    return out


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which recordings were opened, by their folders."""
    seen: list[str] = []
    real = ChannelFlags.open

    def noted(flags: ChannelFlags, path: Path) -> object:
        seen.append(path.parent.name)
        return real(flags, path)

    monkeypatch.setattr(ChannelFlags, "open", noted)
    return seen


def receipt(out: Path, name: str) -> Path:
    return out / FOLDER / name / "night_events.json"


def test_a_second_run_opens_nothing_and_says_the_same(
    nights: Path, done: Path, opened: list[str], capsys: Said
) -> None:
    before = written(done)
    capsys.readouterr()
    said = []
    for force in (False, True):
        assert replay_files(request(nights, events_dir=done, force=force, json=True)) == 0
        said.append(json.loads(capsys.readouterr().out))
        assert opened == (sorted(SCENES) if force else [])
    again, anew = said
    assert all(entry.pop("was_finished") for entry in again)
    assert not any(entry.pop("was_finished") for entry in anew)
    assert again == anew
    assert written(done) == before


@pytest.mark.parametrize("suffix", [".tsv", ".json"])
def test_only_what_is_missing_is_made(nights: Path, done: Path, opened: list[str], suffix: str) -> None:
    before = written(done)
    (done / "ben" / f"night_events{suffix}").unlink()
    assert replay_files(request(nights, events_dir=done)) == 0
    assert opened == ["ben"]
    assert written(done) == before


def test_a_table_that_was_begun_is_made_whole(nights: Path, done: Path, opened: list[str]) -> None:
    before = written(done)
    receipt(done, "ben").write_text('{"format": 1, "state": "begun"}')
    (done / "ben" / "night_events.json").unlink()
    assert replay_files(request(nights, events_dir=done)) == 0
    assert opened == ["ben"]
    assert written(done) == before


@pytest.mark.parametrize("suffix", [".tsv", ".json"])
def test_what_somebody_changed_is_left_alone(nights: Path, done: Path, capsys: Said, suffix: str) -> None:
    file = done / "ben" / f"night_events{suffix}"
    file.write_text("corrected by hand")
    assert replay_files(request(nights, events_dir=done)) == 1
    assert f"{file}: was changed after it was made" in capsys.readouterr().err
    assert file.read_text() == "corrected by hand"
    assert replay_files(request(nights, events_dir=done, force=True)) == 0
    assert file.read_text() != "corrected by hand"


def test_other_settings_another_model_or_program_are_named(
    nights: Path, done: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = nights / "anna"
    out = done / "anna"
    assert replay_files(request(anna, events_dir=out, force=True)) == 0
    capsys.readouterr()
    assert replay_files(request(anna, events_dir=out, span=Span.parse("1", None, None))) == 1
    assert "made from other settings (channels, span);" in capsys.readouterr().err
    monkeypatch.setattr("crampwatch.replay.one.model_here", lambda: "another")
    assert replay_files(request(anna, events_dir=out)) == 1
    assert "made from another model;" in capsys.readouterr().err


def test_another_content_under_the_same_name_is_named(tmp_path: Path, capsys: Said) -> None:
    path = record(tmp_path / "night.edf", SCENES["anna"])
    assert replay_files(request(path, events_dir=tmp_path / "out")) == 0
    path.unlink()
    record(path, SCENES["ben"])
    assert replay_files(request(path, events_dir=tmp_path / "out")) == 1
    assert "made from another content of the recording; choose another" in capsys.readouterr().err


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=50),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["format", "state", "key"]), inner)
            ),
        ).map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {"format": st.just(1), "state": st.just("done")},
            optional={"key": st.just({}), "found": st.just({}), "parts": st.just([3])},
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_a_damaged_receipt_never_lets_anything_be_overwritten(
    nights: Path, tmp_path_factory: pytest.TempPathFactory, garbage: bytes
) -> None:
    out = tmp_path_factory.mktemp("damaged")
    (out / "anna").mkdir()
    (out / "anna" / "night_events.tsv").write_text("mine")
    receipt(out, "anna").parent.mkdir(parents=True)
    receipt(out, "anna").write_bytes(garbage)
    assert replay_files(request(nights / "anna", nights / "ben", events_dir=out)) == 1
    assert (out / "anna" / "night_events.tsv").read_text() == "mine"


def test_a_receipt_with_another_kind_of_result_is_told(nights: Path, done: Path, capsys: Said) -> None:
    content = json.loads(receipt(done, "ben").read_bytes())
    content["found"] = {"sensor": "x"}
    receipt(done, "ben").write_text(json.dumps(content))
    assert replay_files(request(nights, events_dir=done)) == 1
    assert "expected what a replay writes" in capsys.readouterr().err


def test_parquet_holds_every_event_typed_whether_replayed_or_finished(
    nights: Path, done: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "all.parquet", tmp_path / "again.parquet"
    assert replay_files(request(nights, events_dir=done, force=True, parquet=first)) == 0
    assert replay_files(request(nights, events_dir=done, parquet=second)) == 0
    table = pyarrow.parquet.read_table(first)
    assert table.equals(pyarrow.parquet.read_table(second))
    assert {
        field.name: "string" if field.type == "string" else "float64" for field in table.schema
    } == COLUMNS
    rows = table.to_pylist()
    assert len(rows) == sum(
        len(content.splitlines()) - 1 for name, content in written(done).items() if name.endswith(".tsv")
    )
    # pytest numbers its folders.
    assert {row["person"] for row in rows} == {"070"}
    assert {date.fromisoformat(row["night"]) for row in rows} == {date(2026, 3, 1)}


def test_parquet_of_no_events_has_the_same_columns(tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    (tmp_path / "bad.edf").touch()
    assert replay_files(request(tmp_path / "bad.edf", parquet=path)) == 1
    assert pyarrow.parquet.read_schema(path).names == list(COLUMNS)


def test_a_collection_of_the_same_folder_is_made_anew_and_no_other_is(
    nights: Path, done: Path, tmp_path: Path
) -> None:
    path = tmp_path / "all.parquet"
    for _ in range(2):
        assert replay_files(request(nights, events_dir=done, parquet=path)) == 0
    before = path.read_bytes()
    for changes in ({"events_dir": tmp_path / "elsewhere"}, {}):
        with pytest.raises(ReplayError, match="is there already"):
            replay_files(request(nights, parquet=path, **changes))
    assert path.read_bytes() == before
    path.write_text("mine")
    with pytest.raises(ReplayError, match="is there already"):
        replay_files(request(nights, events_dir=done, parquet=path))
    assert path.read_text() == "mine"


def test_person_and_night_are_read_from_the_way_to_the_file() -> None:
    assert person_of("study/sub-P03/ses-1/emg/x.edf") == "P03"
    assert person_of("study/submarine/x.edf") is None
    found = Found("nights/2026-02-28_left/x.edf", "", "", None, 0.0, 0.0, (), ())
    assert night_of(found) == "2026-02-28"
    after_midnight = "2026-03-01T01:30:00+01:00"
    assert night_of(replace(found, start=after_midnight)) == "2026-02-28"

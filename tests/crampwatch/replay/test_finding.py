"""Which recordings a command line means: folders, patterns, links, and what lies beside recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.replay.finding import Listing, find_recordings, parts_of


def made(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(path.name))
    return paths


def names(listing: Listing) -> list[str]:
    return [str(one.name) for one in listing.recordings]


def test_a_folder_is_walked_for_recordings_and_their_names_are_the_way_there(tmp_path: Path) -> None:
    made(tmp_path, "b/x.edf", "a/x.bdf", "a/y.EDF", "a/deep/er/z.csv", ".hidden/h.edf", "a/.part.edf")
    assert names(find_recordings([tmp_path])) == ["a/x", "a/y", "a/deep/er/z", "b/x"]


def test_tables_beside_recordings_and_vague_files_are_no_recordings(tmp_path: Path) -> None:
    made(
        tmp_path,
        *("n.edf", "n_events.tsv", "n_truth.tsv", "n_channels.tsv", "participants.tsv", "README.txt"),
        *("record.hea", "record.dat", "n_labels.csv", "stray.dat"),
    )
    made(tmp_path, "obci.txt")[0].write_bytes(b"%OpenBCI Raw EXG Data\n")
    assert names(find_recordings([tmp_path])) == ["n", "obci", "record"]


def test_a_named_file_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    [path] = made(tmp_path, "README.txt")
    assert [one.path for one in find_recordings([path, tmp_path / "absent"]).recordings] == [
        path,
        tmp_path / "absent",
    ]


def test_a_pattern_that_no_shell_resolved_is_matched(tmp_path: Path) -> None:
    made(tmp_path, "p1/n.edf", "p2/n.edf", "p2/deep/m.edf", "p2/notes.txt")
    assert names(find_recordings([tmp_path / "p*" / "*.edf"])) == ["p1/n", "p2/n"]
    assert names(find_recordings([tmp_path / "**" / "*.edf"])) == ["p1/n", "p2/deep/m", "p2/n"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    [path] = made(tmp_path, "night[1].edf")
    assert [one.path for one in find_recordings([path]).recordings] == [path]


def test_the_same_file_by_two_ways_is_one_recording(tmp_path: Path) -> None:
    [path] = made(tmp_path, "a/n.edf")
    (tmp_path / "a" / "link.edf").symlink_to(path)
    assert len(find_recordings([path, tmp_path, tmp_path / "**" / "*.edf"]).recordings) == 1


def test_links_that_lead_in_a_circle_are_walked_once(tmp_path: Path) -> None:
    made(tmp_path, "a/n.edf")
    (tmp_path / "a" / "back").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    listing = find_recordings([tmp_path])
    assert names(listing) == ["a/n"]
    assert listing.troubles == ()


def test_where_names_meet_all_have_the_way_from_what_they_share(tmp_path: Path) -> None:
    left, right, other = made(tmp_path, "l/night.edf", "r/night.edf", "r/other.edf")
    assert names(find_recordings([left, other])) == ["night", "other"]
    assert names(find_recordings([left, right, other])) == ["l/night", "r/night", "r/other"]
    assert names(find_recordings([tmp_path / "l", tmp_path / "r"])) == ["l/night", "r/night", "r/other"]


def test_two_formats_of_one_name_keep_their_suffixes(tmp_path: Path) -> None:
    made(tmp_path, "n.edf", "n.bdf", "m.edf")
    assert names(find_recordings([tmp_path])) == ["m", "n.bdf", "n.edf"]


def test_results_are_not_taken_for_recordings(tmp_path: Path) -> None:
    made(tmp_path, "n.edf", "out/n.csv", "all.parquet")
    assert names(find_recordings([tmp_path], [tmp_path / "out", tmp_path / "all.parquet"])) == ["n"]


@pytest.mark.parametrize("argument", ["", "*.edf", "**/*.bdf"])
def test_what_leads_to_nothing_is_told(tmp_path: Path, argument: str) -> None:
    made(tmp_path, "notes.md")
    listing = find_recordings([tmp_path / argument])
    assert listing.recordings == ()
    [trouble] = listing.troubles
    assert str(tmp_path / argument) in trouble
    assert "found none" in trouble


def test_a_wfdb_record_is_its_header_and_all_that_it_names(tmp_path: Path) -> None:
    whole, first, samples, other = made(tmp_path, "r.hea", "r_1.hea", "x.dat", "other.dat")
    whole.write_text("# a record of two segments\nr/2 1 1000 5000\nr_1 4000\n~ 1000\nr 3\n../other.dat 1\n")
    first.write_text("r_1 1 1000 4000\nx.dat 16 200/uV 16 0 0 0 0 EMG\n")
    assert parts_of(whole) == (whole, first, samples)
    assert parts_of(other) == (other,)
    assert parts_of(tmp_path / "n.edf") == (tmp_path / "n.edf",)

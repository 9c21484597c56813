"""Every door that is fuzzed takes all seeds, spoilt ones and any bytes: read, or refused by a documented error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import lab_pages, passwords, standing_pages
from tests.fuzz.__main__ import main
from tests.fuzz.line import Line
from tests.fuzz.target import TARGETS, Entry, Target, load
from tests.fuzz.trial import Figures, Trial

# Of those whose seeds have nothing wrong; the others' hold wrong turns, too.
SOUND = {"frames", "edf", "formats", "commands", "settings"}
# So many spoilt ones of each target; the long runs are `make fuzz`.
SPOILT = 60
Take = Callable[[bytes], bool]


@pytest.fixture(scope="module", params=TARGETS)
def aimed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Take]]:
    """A target's name, and what takes an input: it tells whether it was refused."""
    kept = passwords._COST, standing_pages.TICK_S, lab_pages._TICK_S
    target, folder = load(request.param), tmp_path_factory.mktemp("fuzz") / request.param
    folder.mkdir()
    with target.opened(folder) as entry:

        def take(content: bytes) -> bool:
            try:
                entry(content)
            except target.refusals:
                return True
            return False

        yield request.param, take
    passwords._COST, standing_pages.TICK_S, lab_pages._TICK_S = kept


@pytest.fixture(scope="module")
def seeds() -> Callable[[str], Sequence[bytes]]:
    """Return the seeds of a target, made once."""
    made: dict[str, Sequence[bytes]] = {}

    def of(name: str) -> Sequence[bytes]:
        if name not in made:
            made[name] = load(name).seeds()
        return made[name]

    return of


@pytest.mark.filterwarnings("ignore")
def test_seeds(aimed: tuple[str, Take], seeds: Callable[[str], Sequence[bytes]]) -> None:
    name, take = aimed
    refused = [number for number, seed in enumerate(seeds(name)) if take(seed)]
    assert len(refused) < len(seeds(name))
    assert name not in SOUND or not refused
    assert max(map(len, seeds(name))) <= load(name).longest


@pytest.mark.filterwarnings("ignore")
def test_spoilt_seeds(aimed: tuple[str, Take], seeds: Callable[[str], Sequence[bytes]]) -> None:
    name, take = aimed
    chance, target = Random(8), load(name)
    for seed in chance.choices(seeds(name), k=SPOILT):
        spoilt = target.reshape(seed, chance)
        take(target.reshape(spoilt, chance) if chance.random() < 0.5 else spoilt)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=300))
def test_any_bytes(aimed: tuple[str, Take], content: bytes) -> None:
    _, take = aimed
    take(content)


class KnownError(Exception):
    """What the target below documents."""


@contextmanager
def _opened(_folder: Path) -> Iterator[Entry]:
    yield _entry


def _entry(content: bytes) -> None:
    if content == b"known":
        raise KnownError
    if content == b"unknown":
        raise LookupError("nobody says so")
    if content == b"slow":
        sum(range(20_000_000))


CAREFUL = Target(lambda: [b"sound"], _opened, (KnownError,), lambda content, _chance: content, 9)


def test_what_comes_of_inputs_is_counted_and_findings_are_kept(tmp_path: Path) -> None:
    trial = Trial(CAREFUL, tmp_path / "scratch", tmp_path / "kept")
    for content in (b"sound", b"known", b"unknown", b"unknown", b"slow"):
        trial(content)
    figures = Figures.from_json(trial.grown().to_json())
    assert (figures.executions, figures.refused) == (5, 1)
    assert list(figures.uncaught.values()) == [2]
    assert "LookupError" in next(iter(figures.uncaught))
    assert [Path(name).read_bytes() for name in figures.slow] == [b"slow"]
    assert figures.slowest_ms > 100
    [kept] = tmp_path.glob("kept/uncaught-*")
    assert kept.read_bytes() == b"unknown"
    line = Line("careful", 1.0, figures, ())
    assert not line.is_clean
    assert "2 times: LookupError" in line.findings
    assert "--replay" in line.findings


def test_a_run_without_findings_is_clean_and_one_without_inputs_is_not() -> None:
    assert Line("frames", 1.0, Figures(executions=3, refused=3), ()).is_clean
    assert not Line("frames", 1.0, Figures(), ()).is_clean
    for found in (Figures(3, slow={"x": 101.0}), Figures(3, greedy=["x"]), Figures(3, uncaught={"x": 1})):
        assert not Line("frames", 1.0, found, ()).is_clean
    assert not Line("frames", 1.0, Figures(executions=3), ("crash",)).is_clean


def test_figures_of_several_processes_are_one() -> None:
    figures = Figures(3, 2.5, 1, {"a": 1}, {"x": 120.0}, 120.0, [], 4.0)
    figures.add(Figures(2, 0.5, 2, {"a": 2, "b": 1}, {"y": 130.0}, 130.0, ["z"], 3.0))
    assert figures == Figures(5, 3.0, 3, {"a": 3, "b": 1}, {"x": 120.0, "y": 130.0}, 130.0, ["z"], 4.0)


@pytest.mark.filterwarnings("ignore")
def test_a_kept_input_is_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"\x00sensor = 5\n")
    assert main(["settings", "--replay", str(kept)]) == 0
    assert capsys.readouterr().out.startswith("settings: refused, ")
    assert main(["settings", "--replay", str(tmp_path / "none")]) == 1


@pytest.mark.parametrize("wrong", [["nothing"], ["--seconds", "0"], ["--seconds", "nan"], ["--replay", "x"]])
def test_wrong_usage_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "expected" in capsys.readouterr().err

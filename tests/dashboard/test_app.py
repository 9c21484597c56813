"""The pages over HTTP: what a night and a window say, and bad requests told."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard import standing_pages
from dashboard.app import all_doors, build
from dashboard.live import LEVELS_HEADER, Live
from dashboard.night_log import NightLog, NightLogError
from dashboard.nights import Nights
from dashboard.wave_format import HEADER
from tests.dashboard.addresses import HERE, OURS, PORT
from tests.dashboard.events import event, levels
from tests.dashboard.recorded import GAP, NIGHT, SECONDS, START, record_night

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "javascript:alert(1)",
    "' OR 1=1 --",
    "</script><script>alert(1)</script>",
)


def window(client: TestClient, curves: str, start: float, end: float, pixels: int = 800) -> Any:
    return client.get(f"/api/nights/{NIGHT}/wave?ch={curves}&t0={start}&t1={end}&px={pixels}")


def chunks(content: bytes) -> list[tuple[int, int, float, int]]:
    """Return the kind, curve, start and bins of every chunk."""
    found, at = [], 0
    while at < len(content):
        magic, kind, curve, start, _step, bins, flags, *_ = HEADER.unpack_from(content, at)
        assert magic == b"CW02"
        body = bins * (2, 4, 4)[kind] + flags
        at += HEADER.size + body + -body % 8
        found.append((kind, curve, start, bins))
    assert at == len(content)
    return found


def test_a_night_tells_what_was_found(client: TestClient, log: NightLog) -> None:
    # The wall clock had gone astray; the samples know where it was.
    log.add([event(1, onset_index=20_000, duration_s=20.0, onset_at="2026-11-22T05:00:00.000+00:00")])
    night = client.get(f"/api/nights/{NIGHT}").json()
    assert night["headline"] == "1 cramp, 20 s in all; monitored 59 s of 1 min 00 s."
    (row,) = night["events"]
    assert (row["lane"], row["what"], row["start"]) == ("cramp", "Cramp", START.timestamp() + 20)
    (part,) = night["parts"]
    assert part["gaps"] == [[START.timestamp() + second for second in GAP]]
    assert (night["start"], night["end"]) == (START.timestamp(), START.timestamp() + SECONDS)


def test_signal_trouble_is_not_monitored(client: TestClient, log: NightLog) -> None:
    log.add([event(1, kind="artefact", alert="none", onset_index=0, duration_s=9.0)])
    assert client.get(f"/api/nights/{NIGHT}").json()["headline"] == "No cramps; monitored 50 s of 1 min 00 s."


def test_a_window_comes_as_curves(client: TestClient) -> None:
    start = START.timestamp()
    answer = window(client, "emg,rms,ax,ay,az", start, start + SECONDS)
    assert answer.status_code == 200
    assert [(kind, curve) for kind, curve, *_ in chunks(answer.content)] == [
        (1, 0),
        (2, 1),
        (1, 2),
        (1, 3),
        (1, 4),
    ]
    (closer,) = chunks(window(client, "emg", start + 20, start + 21).content)
    assert closer == (0, 0, start + 20, 1001)


def test_a_window_that_has_not_changed_is_not_sent_again(client: TestClient, tmp_path: Path) -> None:
    start = START.timestamp()
    tag = window(client, "emg", start, start + 10).headers["etag"]
    address = f"/api/nights/{NIGHT}/wave?ch=emg&t0={start}&t1={start + 10}&px=800"
    again = client.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    record_night(tmp_path / "nights", file="signal-2.edf", later_s=600)
    assert client.get(address, headers={"if-none-match": tag}).status_code == 200


def test_a_window_beside_the_night_is_empty(client: TestClient) -> None:
    assert window(client, "emg", 0, 10).content == b""


def test_a_window_is_never_wider_than_two_screens(client: TestClient) -> None:
    start = START.timestamp()
    answer = window(client, "emg", start, start + SECONDS, pixels=10**9)
    assert len(answer.content) < 8192 * 16


@pytest.mark.parametrize(
    "query",
    [
        "",
        "t0=1&t1=0&px=1&ch=emg",
        "t0=1&t1=1&px=1&ch=emg",
        "t0=a&t1=2&px=1&ch=emg",
        "t0=nan&t1=2&px=1&ch=emg",
        "t0=0&t1=inf&px=5&ch=emg",
        "t0=0&t1=9e9&px=5&ch=emg",
        "t0=0&t1=1&px=nan&ch=emg",
        "t0=0&t1=1&px=5&ch=eeg",
        "t0=0&t1=1&px=5",
    ],
)
def test_a_bad_window_is_told(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/nights/{NIGHT}/wave?{query}")
    assert answer.status_code == 400
    assert "Expected" in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "2020-01-01_left-calf",
        "nonsense",
        "..%2F..%2Fetc",
        "%2e%2e",
        "2026-11-21_left-calf%00",
        "2026-11-21_left-calf%2F..",
        "2026-11-21_left-calf%0A",
    ],
)
def test_a_night_that_is_not_there_is_not_found(client: TestClient, name: str) -> None:
    for address in (
        f"/nights/{name}",
        f"/api/nights/{name}",
        f"/api/nights/{name}/wave?ch=emg&t0=0&t1=1&px=1",
    ):
        assert client.get(address).status_code == 404, address


def test_a_damaged_recording_does_not_hide_the_night_and_is_told(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "nights" / NIGHT / "signal-2.edf").write_bytes(b"not a recording")
    night = client.get(f"/api/nights/{NIGHT}").json()
    assert len(night["parts"]) == 1
    assert night["troubles"] == ["signal-2.edf: cannot be read"]


def test_an_interrupted_night_says_what_was_not_watched(client: TestClient, tmp_path: Path) -> None:
    record_night(tmp_path / "nights", file="signal-2.edf", later_s=SECONDS + 300)
    record_night(tmp_path / "nights", file="signal-3.edf", later_s=8 * 3600)
    night = client.get(f"/api/nights/{NIGHT}").json()
    assert len(night["parts"]) == 3
    # A restart after five minutes was an interruption; eight hours are another sleep.
    assert night["pauses"] == [[START.timestamp() + SECONDS, START.timestamp() + SECONDS + 300]]
    assert night["headline"] == "No cramps; monitored 2 min 57 s of 8 min 00 s."
    start = START.timestamp()
    assert len(chunks(window(client, "emg", start, start + 500).content)) == 2


def test_what_was_worked_out_from_a_night_goes_with_it(tmp_path: Path, log: NightLog) -> None:
    record_night(tmp_path / "nights")
    nights = Nights(tmp_path / "nights", tmp_path / "overviews", log)
    nights.tidy()
    nights.night(NIGHT)
    (tmp_path / "overviews" / "notes").mkdir()
    nights.tidy()
    assert {path.name for path in (tmp_path / "overviews").iterdir()} == {NIGHT, "notes"}
    shutil.rmtree(tmp_path / "nights" / NIGHT)
    nights.tidy()
    assert {path.name for path in (tmp_path / "overviews").iterdir()} == {"notes"}


def test_a_folder_that_is_no_night_is_not_listed(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "nights" / "2027-01-01_<b>").mkdir()
    (tmp_path / "nights" / "2027-01-01_left-calf").write_text("a file")
    assert client.get("/nights").text.count('class="night-row"') == 1


def test_nights_lead_on_to_their_neighbours_of_the_same_sensor(client: TestClient, tmp_path: Path) -> None:
    record_night(tmp_path / "nights", "2026-11-20_left-calf")
    record_night(tmp_path / "nights", "2026-11-21_arm")
    assert 'href="/nights/2026-11-20_left-calf" rel="prev"' in client.get(f"/nights/{NIGHT}").text
    assert f'href="/nights/{NIGHT}" rel="next"' in client.get("/nights/2026-11-20_left-calf").text


def test_without_a_night_the_page_says_how_to_begin(tmp_path: Path, log: NightLog, live: Live) -> None:
    doors = all_doors(live, log, Nights(tmp_path / "none", tmp_path / "overviews", log))
    with TestClient(build(doors, lambda: PORT), base_url=HERE) as client:
        assert "crampwatch run" in client.get("/nights").text


def test_a_log_that_cannot_be_read_is_told(
    client: TestClient, log: NightLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_ids: object) -> None:
        raise NightLogError("night log: cannot be read")

    monkeypatch.setattr(log, "of_recordings", fail)
    answer = client.get(f"/api/nights/{NIGHT}")
    assert answer.status_code == 503
    assert "night log" in answer.text


def test_a_live_page_is_greeted_with_what_is_known(client: TestClient, log: NightLog, live: Live) -> None:
    live.tell_levels(live.sensor("left-calf"), levels())
    for n, payload in enumerate(PAYLOADS, 1):
        log.add([event(n, f"rec.{n}", reason=payload)])
    # Two days ago is no news.
    log.add([event(9, "rec.9", reason="old", onset_at="2026-11-20T00:00:00.000+00:00")])
    with client.websocket_connect("/ws/live", headers=OURS) as socket:
        hello: dict[str, Any] = json.loads(socket.receive_text())
        curve = socket.receive_bytes()
        standing = json.loads(socket.receive_text())
    assert {row["reason"] for row in hello["events"]} == set(PAYLOADS)
    assert LEVELS_HEADER.unpack_from(curve)[1] == 10
    assert standing["type"] == "standing"
    assert standing["none"]["reason"] == "No sensor has been heard yet."


def test_a_page_hears_a_sign_of_life_each_second(client: TestClient) -> None:
    with client.websocket_connect("/ws/live", headers=OURS) as socket:
        socket.receive_text()
        said = [json.loads(socket.receive_text()) for _ in range(2)]
    assert [message["type"] for message in said] == ["standing"] * 2
    assert said[0]["now"] < said[1]["now"]


def test_pages_without_end_are_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_pages, "MOST_PAGES", 1)
    with client.websocket_connect("/ws/live", headers=OURS) as socket:
        socket.receive_text()
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws/live", headers=OURS):
            pass

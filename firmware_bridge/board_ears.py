"""How a board hears: its answers to the host, and its alarm when the host falls silent (device/WIRE.md)."""

from collections.abc import Callable, Mapping
from typing import Any

from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import (
    BAD_ARGUMENT,
    CUE_BEGAN,
    DONE,
    FRAME_TYPES,
    PATTERNS,
    SETTING_CHANGED,
    SETTINGS,
    Ack,
    Cue,
    HelloRequest,
    Keepalive,
    Set,
    encode,
)
from firmware_bridge.marks import cue_code

# A board that hears no KEEPALIVE for so long buzzes by itself, and again this often.
ALONE_AFTER_S = 60.0
ALONE_EVERY_S = 10.0
ALONE_MS = 1000
# All settings are in percent.
_HIGHEST_SETTING = 100


class BoardEars:
    """Answers for one board.

    Attributes:
        cues: Every CUE that was carried out.
        settings: What SET has changed, by name.
        alone_buzzes: How often the board has buzzed because its host was silent.
        greeted: Whether a host has asked for HELLO yet.

    Args:
        encoder: The board's voice.
        patience: Factor on the times of its alarm.
    """

    def __init__(self, encoder: Encoder, patience: float = 1.0) -> None:
        self._encoder = encoder
        self._decoder = Decoder()
        self._patience = patience
        self._last_acks: dict[int, Ack] = {}
        self._watched = False
        self._heard_s = 0.0
        self._buzzed_s = float("-inf")
        self.cues: list[Cue] = []
        self.settings: dict[str, int] = {}
        self.alone_buzzes = 0
        self.greeted = False

    def hear(self, data: bytes, now_s: float) -> bytes:
        """Return the answer to bytes from the host."""
        answers = []
        for frame in self._decoder.feed(data):
            answer = _ANSWERS.get(type(frame))
            if answer is not None:
                answers.append(answer(self, frame, now_s))
        return b"".join(answers)

    def tend(self, now_s: float) -> bytes:
        """Return the MARK of a buzz, if the host has been silent for too long."""
        alone = self._watched and now_s - self._heard_s > ALONE_AFTER_S * self._patience
        if not alone or now_s - self._buzzed_s < ALONE_EVERY_S * self._patience:
            return b""
        self._buzzed_s = now_s
        self.alone_buzzes += 1
        pattern = PATTERNS.index("alone")
        return self._encoder.mark(CUE_BEGAN, cue_code(pattern, pattern), ALONE_MS)

    def _on_hello_request(self, _frame: HelloRequest, _now_s: float) -> bytes:
        self.greeted = True
        return self._encoder.hello()

    def _on_keepalive(self, frame: Keepalive, now_s: float) -> bytes:
        self._watched, self._heard_s = frame.watching, now_s
        return b""

    def _on_cue(self, frame: Cue, _now_s: float) -> bytes:
        fine = max(frame.vibration, frame.light) < len(PATTERNS)
        answer, new = self._acknowledge(frame, fine=fine)
        if new and fine:
            self.cues.append(frame)
            code = cue_code(frame.vibration, frame.light)
            answer += self._encoder.mark(CUE_BEGAN, code, frame.duration_ms)
        return answer

    def _on_set(self, frame: Set, _now_s: float) -> bytes:
        fine = frame.setting < len(SETTINGS) and frame.value <= _HIGHEST_SETTING
        answer, new = self._acknowledge(frame, fine=fine)
        if new and fine:
            self.settings[SETTINGS[frame.setting]] = frame.value
            answer += self._encoder.mark(SETTING_CHANGED, frame.setting, frame.value)
        return answer

    def _acknowledge(self, frame: Cue | Set, *, fine: bool) -> tuple[bytes, bool]:
        """Return the ACK, and whether this is the first time that the command comes."""
        command = FRAME_TYPES[type(frame)]
        last = self._last_acks.get(command)
        if last is not None and last.token == frame.token:
            return encode(last), False
        counter = self._encoder.counter(self._encoder.end_index)
        ack = Ack(counter, command, frame.token, DONE if fine else BAD_ARGUMENT)
        self._last_acks[command] = ack
        return encode(ack), True


_ANSWERS: Mapping[type[Any], Callable[[BoardEars, Any, float], bytes]] = {
    HelloRequest: BoardEars._on_hello_request,  # noqa: SLF001 - the table belongs to the class
    Keepalive: BoardEars._on_keepalive,  # noqa: SLF001
    Cue: BoardEars._on_cue,  # noqa: SLF001
    Set: BoardEars._on_set,  # noqa: SLF001
}

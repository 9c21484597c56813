"""A Lab Streaming Layer stream as a source: ``lsl:NAME?uv_per_count=…`` (extra ``lsl``)."""

from firmware_bridge.clock import Clock
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_source import DialectSource
from firmware_bridge.found_source import FoundSource
from firmware_bridge.lsl_inlet import LslInlet
from firmware_bridge.ports import port_error
from firmware_bridge.source_contract import NotASensorError, SourceUrl


class LslSource(FoundSource):
    """Asks the stream what it is when it is opened, and then reads it as any other board with foreign firmware.

    A stream tells its rate and often its units; what it tells, nobody has to state in the address.

    Args:
        url: The address.
        clock: Stamps what arrives.

    Raises:
        SourceUrlError: the address says what cannot be.
    """

    def __init__(self, url: SourceUrl, clock: Clock) -> None:
        super().__init__(url)
        self._clock = clock
        self._options = DialectOptions.of(url)

    def _find(self) -> DialectSource:
        try:
            inlet = LslInlet(self._url)
        except OSError as error:
            raise port_error(self._url, error) from error
        inlet.close()
        if not inlet.facts.rate_hz:
            raise NotASensorError(
                f"source {self._url.text!r}: expected an LSL stream with a rate, got one whose samples come irregularly"
            )
        return DialectSource(self._url, "lsl", LslInlet, self._clock, inlet.facts.completed(self._options))

"""The same table in the formats of acquisition programs and archives."""

from __future__ import annotations

from tests.firmware_bridge.formats.sample_files import SampleFile

MORE: tuple[SampleFile, ...] = ()

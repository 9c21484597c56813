"""The build backend: setuptools, with uPlot put into `dashboard/static/vendor` before anything is packed."""

from __future__ import annotations

from collections.abc import Mapping

from setuptools import build_meta
from vendor_uplot import requirements, vendor_uplot

Settings = Mapping[str, str | list[str] | None] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Name what building a wheel needs beside setuptools."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *requirements()]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """Name what an editable install needs beside setuptools."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *requirements()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """Name what building a source distribution needs beside setuptools."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *requirements()]


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    """Write the metadata of a wheel; packs nothing."""
    return build_meta.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


def prepare_metadata_for_build_editable(metadata_directory: str, config_settings: Settings = None) -> str:
    """Write the metadata of an editable install; packs nothing."""
    return build_meta.prepare_metadata_for_build_editable(metadata_directory, config_settings)


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Bring uPlot in, then build a wheel."""
    vendor_uplot()
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Bring uPlot in, then build an editable install."""
    vendor_uplot()
    return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Bring uPlot in, then build a source distribution."""
    vendor_uplot()
    return build_meta.build_sdist(sdist_directory, config_settings)

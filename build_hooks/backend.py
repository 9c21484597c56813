"""The build backend: setuptools, with uPlot brought in first (see vendor_uplot)."""

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403

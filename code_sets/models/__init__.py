"""Dated, immutable releases of public code systems."""

from code_sets.models.releases import Code, CodeSetRelease, CodeSystem

__all__ = ["Code", "CodeSetRelease", "CodeSystem"]

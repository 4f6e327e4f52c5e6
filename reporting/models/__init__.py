"""What the numbers were, and what they should be."""

from reporting.models.snapshot import KpiSnapshot, Span
from reporting.models.target import KpiTarget

__all__ = ["KpiSnapshot", "KpiTarget", "Span"]

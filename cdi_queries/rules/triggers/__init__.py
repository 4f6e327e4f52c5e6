"""Rules that point at gaps in the documentation of one chart: pure, their words and limits are data."""

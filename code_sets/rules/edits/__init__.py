"""Claim edits: pure decisions over tables of loaded releases."""

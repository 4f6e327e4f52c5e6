"""Reads of claims, of what payers answered and of denials."""

"""Accounts that are not billed yet."""

"""Queries through the API: the same doors and actions as the pages."""

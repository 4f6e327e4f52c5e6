"""Reads of encounters: what pages, API and other apps are given."""

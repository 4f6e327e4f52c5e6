"""The doors to claims: ``claims`` (and denials), ``files``."""

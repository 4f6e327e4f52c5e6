"""Claims and files of payers through the API: the same doors and actions as the pages."""

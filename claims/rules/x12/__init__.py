"""Reading and writing X12 interchanges, in plain Python."""

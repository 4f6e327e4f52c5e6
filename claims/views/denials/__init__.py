"""The denials of a client: worklist, one denial, the board."""

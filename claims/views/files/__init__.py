"""Files of claims and of payers: what came, what became of it, what waits for a person."""

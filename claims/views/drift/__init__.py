"""Pages that hold what a client billed against what we finalized."""

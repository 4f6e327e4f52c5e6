"""How a client's contracts read payers' reasons."""

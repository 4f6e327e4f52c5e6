"""Pages of claims: the list, and one claim with its whole story."""

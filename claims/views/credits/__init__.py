"""Money that goes back: credits for errors of ours, and what a federal payer paid too much."""

"""The client's rules for programs."""

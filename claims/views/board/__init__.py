"""The denial board of a client."""

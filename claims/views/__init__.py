"""Pages of claims, a folder a room."""

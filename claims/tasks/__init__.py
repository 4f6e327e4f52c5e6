"""What claims do in the background, a module a room."""

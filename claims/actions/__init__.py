"""What may be done with claims, denials and files: one verb a function."""

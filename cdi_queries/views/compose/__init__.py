"""The composer beside the note: words of the record become a question to the provider."""

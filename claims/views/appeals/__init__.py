"""What is done about a denial: appeals, corrected claims, charts coded again."""

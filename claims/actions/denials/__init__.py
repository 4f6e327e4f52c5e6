"""Denials: opened by what payers answer, worked by people, settled by payments and decisions."""

"""The measures of claims."""

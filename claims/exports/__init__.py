"""What of claims can be downloaded as a file."""

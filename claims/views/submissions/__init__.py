"""Pages of the files of claims that we write."""

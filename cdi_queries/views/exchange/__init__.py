"""Set-up of queries: what is agreed, the way out, what is past its retention."""

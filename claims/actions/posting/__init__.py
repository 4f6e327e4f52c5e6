"""From the text of a file of claims or of a payer to rows: one poster a kind, all called alike.

``post(*, file: PayerFile, text: str, progress: Callable[[int], None], now: datetime) -> Posted``, with no
scope open.  A poster commits in batches, and says in each batch by ``progress`` how many entries lie behind
it.  The same file may be posted again, after a crash or on request: what is known stays as it is.
"""

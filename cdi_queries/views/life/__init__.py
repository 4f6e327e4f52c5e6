"""Where queries stand: the queue across clients, a client's list, one query's trail, and what moves it."""

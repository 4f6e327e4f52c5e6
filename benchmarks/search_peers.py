"""What the code search is measured against: PostgreSQL's full text with trigrams behind it, and tantivy."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.database import owner_connection
from code_sets import index_store
from code_sets.rules.index import SearchIndex
from code_sets.rules.text import fold

RESULTS = 20
Engine = Callable[[str], list[str]]

TABLE = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE UNLOGGED TABLE bench_titles (
    code text, title text, words tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED
);
"""
INDEXES = """
CREATE INDEX ON bench_titles USING gin (words);
CREATE INDEX ON bench_titles USING gin (title gin_trgm_ops);
ANALYZE bench_titles;
"""
BY_WORDS = """
SELECT code FROM bench_titles, to_tsquery('english', %s) query
WHERE words @@ query ORDER BY ts_rank(words, query) DESC LIMIT 20
"""
BY_TRIGRAMS = """
SELECT code FROM bench_titles WHERE %s <%% title ORDER BY word_similarity(%s, title) DESC LIMIT 20
"""


def expanded(text: str) -> list[str]:
    """The words of a query with our abbreviations written out, so that a peer is not beaten by our table."""
    table = index_store.abbreviations()
    words: list[str] = []
    for word in fold(text).replace("/", " ").replace("-", " ").split():
        expansions = table.of(word)
        words.extend(expansions[0].words if expansions else (word,))
    return [clean for word in words if (clean := "".join(filter(str.isalnum, word)))]


def postgres(index: SearchIndex) -> Engine:
    """Titles in a table: all words by prefix, ranked; where none has them, by trigrams (typing errors)."""
    connection = owner_connection()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_titles")
        cursor.execute(TABLE)
        titles = [
            (index.codes[number], index.title(number))
            for number in range(len(index.codes))
            if index.billable[number]
        ]
        for at in range(0, len(titles), 5000):
            rows = b",".join(cursor.mogrify("(%s, %s)", row) for row in titles[at : at + 5000])
            cursor.execute(b"INSERT INTO bench_titles (code, title) VALUES " + rows)
        cursor.execute(INDEXES)
        cursor.execute("SET pg_trgm.word_similarity_threshold = 0.5")

    def find(text: str) -> list[str]:
        words = expanded(text)
        with connection.cursor() as cursor:
            found: list[str] = []
            if words:
                cursor.execute(BY_WORDS, [" & ".join(f"{word}:*" for word in words)])
                found = [code for (code,) in cursor.fetchall()]
            if not found:
                typed = " ".join(words) or text
                cursor.execute(BY_TRIGRAMS, [typed, typed])
                found = [code for (code,) in cursor.fetchall()]
        return found

    return find


def tantivy_fuzzy(index: SearchIndex) -> Engine | None:
    """An in-memory index of the billable titles, fuzzy prefix of one edit; None where it is not installed."""
    try:
        import tantivy
    except ImportError:
        return None
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("code", stored=True, tokenizer_name="raw")
    builder.add_text_field("title", stored=False)
    schema = builder.build()
    store = tantivy.Index(schema)
    writer = store.writer(100_000_000, 1)
    for number in range(len(index.codes)):
        if index.billable[number]:
            writer.add_document(tantivy.Document(code=index.codes[number], title=fold(index.title(number))))
    writer.commit()
    store.reload()
    searcher = store.searcher()

    def find(text: str) -> list[str]:
        parts = [
            (tantivy.Occur.Must, tantivy.Query.fuzzy_term_query(schema, "title", word, 1, True, True))
            for word in expanded(text)
        ]
        hits = searcher.search(tantivy.Query.boolean_query(parts), RESULTS).hits if parts else []
        return [str(searcher.doc(address)["code"][0]) for _, address in hits]

    return find

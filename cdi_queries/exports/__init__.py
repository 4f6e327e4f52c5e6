"""Files about queries, made in the background (`coding_ops.exports`)."""

"""Pages on which a client's billing is set up."""

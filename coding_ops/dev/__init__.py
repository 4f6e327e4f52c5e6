"""Running Coding Ops on one machine: embedded servers, preparation, supervisor, demo data."""

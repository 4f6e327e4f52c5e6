"""Queries on their way out: as HL7 v2 and FHIR messages, and where they may go."""

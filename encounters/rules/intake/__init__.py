"""Reading clients' files: FHIR R4, HL7 v2 and CSV into `IncomingUnit`s. Pure: no Django, no database.

`read_file` is the door; `incoming` holds what comes out and `problems` what can be wrong.
"""

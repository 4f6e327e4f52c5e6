"""The doors: each gives the object or says 404, and notes the read of patient data.  A module a room."""

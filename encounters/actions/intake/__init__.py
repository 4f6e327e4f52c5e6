"""Files of a client's into encounters.  ``receive_file`` stores and reads; the parts are for pages and tasks.

The bytes are stored, sealed, in a transaction of their own before anybody looks at them.  Reading goes in
batches, each committed with how far it came, so that whoever reads on after a crash starts behind it.  The
client is the connection's, whatever a file says.
"""

from encounters.actions.intake.quarantine import dismiss_item, retry_file
from encounters.actions.intake.reading import IntakeResult, read_stored_file, receive_file
from encounters.actions.intake.storage import store_file

__all__ = ["IntakeResult", "dismiss_item", "read_stored_file", "receive_file", "retry_file", "store_file"]

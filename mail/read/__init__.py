"""Reading mail: a chain of small pure steps, `raw -> Reading`. Every step is linear in its input; none can be stalled.

What was understood without certainty says so (`methodology.readings.SURE`): it waits in the tray as the best guess.
"""

from __future__ import annotations

from mail.read.chain import read
from mail.read.parse import address_in, head, message_id, printable

__all__ = ["address_in", "head", "message_id", "printable", "read"]

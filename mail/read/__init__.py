"""Reading mail: a chain of small pure steps, `raw -> Reading`. Every step is linear in its input; none can be stalled.

Free prose and filled-in workbooks are not read yet; such a reply goes to the tray.
"""

from __future__ import annotations

from mail.read.chain import read
from mail.read.parse import message_id, printable

__all__ = ["message_id", "printable", "read"]

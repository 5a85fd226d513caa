"""The Sala de demostración: a local Teams, the entities' mailboxes and one page.

It meets the bot only on its wires (Bot Connector, SMTP, the demo's clock door) and imports nothing of the other
rooms: whatever it must know comes in a `SalaConfig`.
"""

from __future__ import annotations

from demo.config import Channel, Person, SalaConfig, Step
from demo.connector import Drop
from demo.sala import Sala

__all__ = ["Channel", "Drop", "Person", "Sala", "SalaConfig", "Step"]

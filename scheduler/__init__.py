"""The metronome and the delivery of notices: what is due at t → notice rows → sent."""

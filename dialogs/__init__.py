"""Conversations as small pure state machines (`state, event -> state, effects`) and the parsers of what people write.

No SDK and no clock: whoever calls hands in the day, and carries the effects out.
"""

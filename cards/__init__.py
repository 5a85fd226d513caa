"""Adaptive cards 1.5, one per file with its texts beside it: pure `data -> dict`, no SDK.

A button carries only the opaque token it was given; an input that stands several times in one card has the token of
its button in its id (`parts.own_inputs` takes it off again).
"""

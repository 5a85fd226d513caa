"""The statements of the sweep (methodology/sweep.py), a file for each part of the method."""

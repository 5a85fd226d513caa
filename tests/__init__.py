"""A package, so that pytest puts the repository on sys.path and not this folder: its rooms bear our packages' names."""

"""Measures what a session costs, and the floor beside it. Python's standard library only."""

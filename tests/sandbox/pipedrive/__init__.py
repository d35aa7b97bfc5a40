"""Pipedrive: its API of several companies, and its OAuth service."""

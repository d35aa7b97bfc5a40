"""Runs Aftercall on one machine: Kafka, the services and, for the demo, the sandbox. Python's standard library only."""

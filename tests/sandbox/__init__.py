"""The simulated outside world: what Aftercall talks to in tests and in the demo."""

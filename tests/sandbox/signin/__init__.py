"""A simulated Microsoft sign-in: tokens for applications and people."""

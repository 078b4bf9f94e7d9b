"""Peers for the hub's generators: a real server, and doubles of providers that misbehave on demand."""

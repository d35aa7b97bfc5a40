"""A simulated Dataverse: its tables, its Web API, its limits and its refusals. Pure: bytes in, bytes out, no sockets."""

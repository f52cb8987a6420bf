"""How each kind of backbone is built."""

"""Who may ask the HTTP API what: roles, keys, and the record of what people did. Of earn's database."""

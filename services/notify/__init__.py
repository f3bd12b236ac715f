"""notify: what members are told, in their language; and the delivery of it as e-mail."""

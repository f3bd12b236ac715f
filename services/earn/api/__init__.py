"""earn's HTTP API: what tills, partners, members' apps and the back office ask; a process of its own."""

"""tiers: qualification and status, and the gifts that come with them."""

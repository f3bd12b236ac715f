"""campaigns: the registry of definitions; challenges, bonuses, referral rewards. Never touches a balance."""

"""How growing messages come before people: budgets, pacing, and the one loop that grants every call."""

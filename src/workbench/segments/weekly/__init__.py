"""Groups followed from week to week: scored by a frozen definition, matched at a refit, moves told from noise."""

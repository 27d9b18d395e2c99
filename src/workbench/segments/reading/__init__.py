"""Reading groups: what sets them apart, a rule a clinician can follow, a map, and a typical profile of each."""

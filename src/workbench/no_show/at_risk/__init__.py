"""Who is predicted, when, and by what: the risk set, its outcomes, and features as of the moment of prediction."""

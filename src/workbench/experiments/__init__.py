"""Bayesian A/B analysis: did this message raise bookings, without raising opt-outs, by how much, for whom?"""

"""Segmentation: which groups of patients are there, are they stable, and by what rule would a clinician know them?"""

"""Exports of survey tools."""

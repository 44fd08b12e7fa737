"""Recorded logs and series as the alarms' input."""

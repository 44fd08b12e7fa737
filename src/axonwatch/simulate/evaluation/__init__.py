"""Alarms over series and a clock: periods, states, composites, who is told."""

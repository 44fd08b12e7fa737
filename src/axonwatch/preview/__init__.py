"""Wing: dashboards and pages without AWS."""

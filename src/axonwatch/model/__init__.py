"""Frozen dataclasses in CloudWatch's own nouns; no I/O, no library of AWS.

Import from the modules: `axonwatch.model.alarms`, `.metrics`, `.dashboards`, `.queries`,
`.notifications`, `.inventory`, `.stack`, `.companion`.
"""

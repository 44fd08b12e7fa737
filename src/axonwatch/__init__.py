"""CloudWatch companion of an AxonFlow stack: alarms, dashboards, queries, tested offline."""

__version__ = "0.1.0"
__all__ = ["__version__"]

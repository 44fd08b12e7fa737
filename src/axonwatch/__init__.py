"""CloudWatch companion of an AxonFlow stack: alarms, dashboards and queries as code, tested offline."""

__version__ = "0.1.0"
__all__ = ["__version__"]

"""CloudWatch metric math: text to typed tree."""

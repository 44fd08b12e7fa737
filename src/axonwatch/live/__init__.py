"""Wing: the account; the only place that imports boto3."""

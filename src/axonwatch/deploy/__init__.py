"""Wing: the CDK app; the only place that imports aws_cdk."""

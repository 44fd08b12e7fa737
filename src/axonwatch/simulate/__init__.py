"""Wing: CloudWatch's alarm evaluation on a simulated clock."""

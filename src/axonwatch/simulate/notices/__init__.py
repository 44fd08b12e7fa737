"""What SNS, mail and SMS say of a change of state."""

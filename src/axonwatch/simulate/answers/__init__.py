"""What was asked of a recording: why, replay, backtest, pictures."""

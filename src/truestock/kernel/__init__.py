"""What every part speaks: quantity, money, clock, actor, errors, settings. Imports nothing of ours."""

"""What every part speaks: quantity, money, clock, actor, errors, settings; imports none of ours."""

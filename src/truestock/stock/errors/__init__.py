"""What can go wrong with stock, one class and one sentence each."""

"""What can go wrong with files, one class and one sentence each."""

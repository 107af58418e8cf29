"""What can go wrong in the catalogue, one class and one sentence each."""

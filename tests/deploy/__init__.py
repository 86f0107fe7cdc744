"""What Fairway is installed with."""

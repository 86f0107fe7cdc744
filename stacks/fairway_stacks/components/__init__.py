"""What the programs are made of: typed inputs, and the pieces that every kind of thing shares."""

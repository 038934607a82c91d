"""What ``script/bench push`` is made of."""

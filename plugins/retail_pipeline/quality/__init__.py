"""What is expected of data, and what happens where it is not so."""

"""What a user runs to measure this project on his own machine: ``script/bench NAME``."""

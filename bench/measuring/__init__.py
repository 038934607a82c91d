"""What all benches share: running processes in turn, measuring them, judging and showing what was measured."""

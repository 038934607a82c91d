"""What is due when: due times, when to try again, and the watch over business days."""

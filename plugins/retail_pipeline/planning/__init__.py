"""What one run serves: said once, by its first task."""

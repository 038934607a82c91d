"""Orders to Youshu, in time: who pushes them, and who says so where they are late."""

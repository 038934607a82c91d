"""Orders to Youshu, in time: the tasks that push them, and the watches that alert where they are late."""

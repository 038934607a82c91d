SELECT pg_advisory_unlock(hashtextextended('retail schema apply', 0))

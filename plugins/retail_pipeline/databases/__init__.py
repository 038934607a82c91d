"""Sessions with a database: which settings each gets, how it proves them, and what its errors mean."""

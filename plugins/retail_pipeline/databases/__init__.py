"""Sessions with a database: what each is made to be, how it proves that it is, and what its errors mean."""

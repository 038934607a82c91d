"""Sessions with a database: what each is made to be before anybody uses it, and how it proves that it is."""

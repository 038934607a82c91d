(x.{name} IS NOT NULL)

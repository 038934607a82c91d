(x.{name} IS NOT NULL)::int

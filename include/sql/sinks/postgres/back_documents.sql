x.{name}::text AS {name}

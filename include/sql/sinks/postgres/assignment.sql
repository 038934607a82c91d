{name} = excluded.{name}

x.{name}

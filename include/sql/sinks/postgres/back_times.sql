(extract(epoch FROM x.{name}) * 1000)::numeric AS {name}

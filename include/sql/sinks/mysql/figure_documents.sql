COUNT(x.{name}) AS n{at}, 0 AS t{at}

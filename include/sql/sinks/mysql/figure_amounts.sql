COUNT(x.{name}) AS n{at}, SUM(x.{name}) AS t{at}

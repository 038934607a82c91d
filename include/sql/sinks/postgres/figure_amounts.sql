COUNT(c.{name}) AS n{at}, SUM(c.{name}) AS t{at}

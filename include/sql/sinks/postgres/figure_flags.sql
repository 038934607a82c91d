COUNT(c.{name}) AS n{at}, COUNT(*) FILTER (WHERE c.{name}) AS t{at}

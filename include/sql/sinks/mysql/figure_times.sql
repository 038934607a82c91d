-- In milliseconds since 1970: what is kept are Shanghai's clocks.
COUNT(x.{name}) AS n{at}, SUM(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 08:00:00', x.{name}) DIV 1000) AS t{at},
TIMESTAMPDIFF(MICROSECOND, '1970-01-01 08:00:00', MIN(x.{name})) DIV 1000 AS l{at},
TIMESTAMPDIFF(MICROSECOND, '1970-01-01 08:00:00', MAX(x.{name})) DIV 1000 AS m{at}

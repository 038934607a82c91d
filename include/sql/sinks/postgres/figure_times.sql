-- In milliseconds since 1970, whatever zone the session has. A double holds them exactly; numeric would take five times as long.
COUNT(c.{name}) AS n{at}, SUM((date_part('epoch', c.{name}) * 1000)::bigint) AS t{at},
(date_part('epoch', MIN(c.{name})) * 1000)::bigint AS l{at}, (date_part('epoch', MAX(c.{name})) * 1000)::bigint AS m{at}

COUNT(c.{name}) AS n{at}, SUM(OCTET_LENGTH(c.{name})) AS t{at}

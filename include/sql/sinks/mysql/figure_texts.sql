COUNT(x.{name}) AS n{at}, SUM(OCTET_LENGTH(x.{name})) AS t{at}

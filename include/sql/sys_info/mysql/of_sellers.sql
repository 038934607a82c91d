
  AND {seller} IN %(sellers)s
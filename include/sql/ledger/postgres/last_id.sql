SELECT lastval() AS id

-- retail_source: reads what the data push writes. MySQL before 8.0 knows no roles: grant SELECT to the login itself, as
-- the platform does for its RDS.
CREATE ROLE IF NOT EXISTS retail_source;
GRANT SELECT ON {database}.* TO retail_source;
-- Then, for the login:  GRANT retail_source TO '…'@'%';
--   MySQL:    SET DEFAULT ROLE retail_source TO '…'@'%';
--   MariaDB:  SET DEFAULT ROLE retail_source FOR '…'@'%';

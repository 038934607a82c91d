-- retail_warehouse: loads and monitors. They change rows of these tables and make temporary tables, no others.
CREATE ROLE IF NOT EXISTS retail_warehouse;
GRANT CREATE TEMPORARY TABLES ON {database}.* TO retail_warehouse;
GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.{table} TO retail_warehouse;
GRANT SELECT ON {database}.etl_schema_migration TO retail_warehouse;
-- retail_people: whoever looks. The records that are set aside (etl_quarantine) and the orders hold personal data.
CREATE ROLE IF NOT EXISTS retail_people;
GRANT SELECT ON {database}.{table} TO retail_people;
GRANT SELECT ON {database}.etl_schema_migration TO retail_people;
-- Then, for each login:  GRANT retail_warehouse TO '…'@'%';
--   MySQL:    SET DEFAULT ROLE retail_warehouse TO '…'@'%';
--   MariaDB:  SET DEFAULT ROLE retail_warehouse FOR '…'@'%';

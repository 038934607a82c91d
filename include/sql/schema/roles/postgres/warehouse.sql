-- retail_warehouse: loads, monitors and alarms. They change rows of these tables and make temporary tables, no others.
DO $$ BEGIN CREATE ROLE retail_warehouse NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO retail_warehouse;
GRANT USAGE ON SCHEMA {schema} TO retail_warehouse;
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.{table} TO retail_warehouse;
GRANT SELECT ON {schema}.etl_schema_migration TO retail_warehouse;
-- retail_people: whoever looks. The records that are set aside (etl_quarantine) and the orders hold personal data.
DO $$ BEGIN CREATE ROLE retail_people NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT CONNECT ON DATABASE {database} TO retail_people;
GRANT USAGE ON SCHEMA {schema} TO retail_people;
GRANT SELECT ON {schema}.{table} TO retail_people;
GRANT SELECT ON {schema}.etl_schema_migration TO retail_people;
-- Then, for each login:  GRANT retail_warehouse TO …;

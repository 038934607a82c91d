-- retail_source: reads the shop's orders, through the views alone.
DO $$ BEGIN CREATE ROLE retail_source NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT CONNECT ON DATABASE {database} TO retail_source;
GRANT USAGE ON SCHEMA {schema} TO retail_source;
GRANT SELECT ON {schema}.{view} TO retail_source;
-- retail_outbox: reports and the order push. They read as retail_source does, and keep the outbox and the days' reports.
DO $$ BEGIN CREATE ROLE retail_outbox NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT retail_source TO retail_outbox;
GRANT SELECT, INSERT, UPDATE ON {schema}.{table} TO retail_outbox;
GRANT SELECT ON {schema}.etl_schema_migration TO retail_outbox;
GRANT DELETE ON {schema}.youshu_enqueue_fault TO retail_outbox;
GRANT EXECUTE ON FUNCTION {schema}.youshu_enqueue_order(text, bigint) TO retail_outbox;
GRANT EXECUTE ON FUNCTION {schema}.youshu_enqueue_return(text, bigint) TO retail_outbox;
-- retail_backend: the shop's own backend. It enqueues by the two functions, and sees nothing of ours.
DO $$ BEGIN CREATE ROLE retail_backend NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT CONNECT ON DATABASE {database} TO retail_backend;
GRANT USAGE ON SCHEMA {schema} TO retail_backend;
GRANT EXECUTE ON FUNCTION {schema}.youshu_enqueue_order(text, bigint) TO retail_backend;
GRANT EXECUTE ON FUNCTION {schema}.youshu_enqueue_return(text, bigint) TO retail_backend;
-- retail_people: whoever looks. request_info of the outbox is the order as Youshu gets it.
DO $$ BEGIN CREATE ROLE retail_people NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT CONNECT ON DATABASE {database} TO retail_people;
GRANT USAGE ON SCHEMA {schema} TO retail_people;
GRANT SELECT ON {schema}.{table} TO retail_people;
GRANT SELECT ON {schema}.etl_schema_migration TO retail_people;
GRANT SELECT ON {schema}.{view} TO retail_people;
-- Then, for each login:  GRANT retail_outbox TO …;

-- The databases of the project, each owned by a role of the same name. Re-runnable. Run by psql as an administrator:
-- by docker's PostgreSQL image on its first start, and by the native servers on each start.
\set ON_ERROR_STOP on
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv store_password STORE_DB_PASSWORD
\getenv warehouse_password WAREHOUSE_DB_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', name)
  FROM unnest(ARRAY['airflow', 'store', 'warehouse']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE airflow PASSWORD :'airflow_password';
ALTER ROLE store PASSWORD :'store_password';
ALTER ROLE warehouse PASSWORD :'warehouse_password';

-- An administrator who is no superuser must be a member of a role before he can make it the owner of something.
SELECT format('GRANT %I TO CURRENT_USER', name)
  FROM unnest(ARRAY['airflow', 'store', 'warehouse']) AS name
 WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
\gexec

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', name, name)
  FROM unnest(ARRAY['airflow', 'store', 'warehouse']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', name)
  FROM unnest(ARRAY['airflow', 'store', 'warehouse']) AS name
\gexec

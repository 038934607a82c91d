SELECT pg_notify('{channel}', ''), pg_backend_pid()

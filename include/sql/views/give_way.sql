-- Of two that wait for each other it is this transaction that gives way, before the server ends the other one.
SELECT set_config('lock_timeout', (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 500)::int::text, true)

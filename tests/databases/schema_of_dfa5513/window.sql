INSERT INTO etl_window
    (pipeline, account, window_from, window_to, filters, purpose, run_id, verdict, source_total, source_keys,
     source_checksum, target_keys, target_checksum, refused, refused_checksum, quarantined, missing_keys, rule_counts,
     pages, passes, calls, throttles, error, started_at, finished_at)
VALUES (%(pipeline)s, %(account)s, %(from)s, %(to)s, '', 'scheduled', 'scheduled__old', %(verdict)s, 2, 2, 4711, 1, 4242,
        0, 0, 1, %(keys)s, '{"text_too_long": 1}', 1, 2, 3, 1, NULL, %(to)s, %(to)s)

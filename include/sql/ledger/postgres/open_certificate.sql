INSERT INTO etl_window
    (pipeline, account, window_from, window_to, filters, purpose, run_id, verdict, started_at)
VALUES (%(pipeline)s, %(account)s, %(window_from)s, %(window_to)s, %(filters)s, %(purpose)s, %(run_id)s,
        'failed', %(started_at)s)
RETURNING id

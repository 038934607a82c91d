INSERT INTO etl_quarantine (pipeline, account, source_key, reason, detail, raw, raw_hash, state, window_id, first_seen, last_seen)
VALUES (%(pipeline)s, %(account)s, %(key)s, 'required_missing', 'refund_no', %(raw)s, %(hash)s, %(state)s, 1, %(now)s, %(now)s)

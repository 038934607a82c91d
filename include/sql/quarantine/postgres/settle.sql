UPDATE etl_quarantine SET state = 'replayed', replayed_at = %(now)s WHERE id = %(id)s

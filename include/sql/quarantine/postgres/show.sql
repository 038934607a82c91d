SELECT * FROM etl_quarantine WHERE id = %(id)s

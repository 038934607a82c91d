DELETE FROM jushita_push_health WHERE checked_at < %(before)s

UPDATE etl_alert
SET send_num = send_num + 1,
    sent_at  = CASE WHEN %(delivered)s THEN clock_timestamp() END
WHERE id = %(id)s

-- Of a row of youshu_order_push: the order's own time is not the one of its first state.
CASE WHEN detail ->> 'create_time' ~ '^[0-9]{13}$'
     THEN abs((detail ->> 'create_time')::bigint - extract(epoch FROM created_at) * 1000) >= 3600000
     ELSE true END

-- Conditions for view contracts: what hardly any row of a view may meet.

-- name: order_push
-- Of a row of youshu_order_push: the order's own time is not the one of its first state.
CASE WHEN detail ->> 'create_time' ~ '^[0-9]{13}$'
     THEN abs((detail ->> 'create_time')::bigint - extract(epoch FROM created_at) * 1000) >= 3600000
     ELSE true END

-- name: return_push
-- Of a row of youshu_return_push: the return's own time lies after its last change.
CASE WHEN detail ->> 'return_create_time' ~ '^[0-9]{13}$'
     THEN (detail ->> 'return_create_time')::bigint - extract(epoch FROM changed_at) * 1000 >= 3600000
     ELSE true END

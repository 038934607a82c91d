-- Of a row of youshu_return_push: the return's own time lies after its last change.
CASE WHEN detail ->> 'return_create_time' ~ '^[0-9]{13}$'
     THEN (detail ->> 'return_create_time')::bigint - extract(epoch FROM changed_at) * 1000 >= 3600000
     ELSE true END

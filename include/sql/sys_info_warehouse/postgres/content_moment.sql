'"{field}":"' || replace(to_char({column} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS'), '.000', '') || '"'

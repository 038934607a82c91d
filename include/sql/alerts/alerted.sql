SELECT shop, kind
FROM etl_alert
WHERE report = %(report)s AND shop = ANY (%(shops)s) AND business_date = %(business_date)s

SELECT kind
FROM etl_alert
WHERE report = %(report)s AND shop = %(shop)s AND business_date = %(business_date)s

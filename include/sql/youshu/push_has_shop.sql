-- Whether the view has orders of a shop that were changed within so many days.
SELECT EXISTS (
    SELECT FROM youshu_order_push
    WHERE shop = %(shop)s AND changed_at >= statement_timestamp() - %(days)s * interval '1 day'
      AND (order_source IS NULL OR order_source = ANY (%(order_sources)s))
) AS has_shop

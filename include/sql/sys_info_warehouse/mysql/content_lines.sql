(SELECT CONCAT('"{list}":{{"{element}":[', GROUP_CONCAT(CONCAT('{{', CONCAT_WS(',',
{fields}
), '}}') ORDER BY c.{order} SEPARATOR ','), ']}}') FROM {child} AS c WHERE c.{key} = h.{key})
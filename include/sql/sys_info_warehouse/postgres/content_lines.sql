(SELECT '"{list}":{{"{element}":[' || string_agg('{{' || array_to_string(ARRAY[
{fields}
], ',') || '}}', ',' ORDER BY c.{order}) || ']}}' FROM {child} AS c WHERE c.{key} = h.{key})
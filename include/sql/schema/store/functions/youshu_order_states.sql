-- What is to be enqueued of an order as it is now, in the order in which it is sent. Reads only, with the rights and the
-- search_path of whoever asks.
--   p_reached  when each state began, in the order of state_rank (1110, 1130, 1150, 1140, 1160, 1180); NULL = not reached
--   p_again    everything once more
--   reason     missing    never enqueued, or reached anew
--              corrected  it was enqueued with another time, or is not reached any more; and what follows it
--              mended     it was set aside, and the order is not what it was then; and what follows it, so that a state
--                         that is missing goes out behind it. Not where the order as it is now was set aside, too
--              changed    the newest state, since the order was changed within it
--              again      as it was asked for
CREATE OR REPLACE FUNCTION youshu_states_to_enqueue(
    p_shop text, p_order_id bigint, p_reached timestamptz[], p_detail text, p_again boolean
) RETURNS TABLE (rank integer, push_type text, event_time timestamptz, course integer, reason text)
LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT r.id, r.push_type, r.event_time, r.status, r.request_info, r.course, r.state_rank
        FROM t_store_youshu_request AS r
        WHERE r.order_id = p_order_id AND r.shop = p_shop AND r.return_code IS NULL
    ), newest AS (
        SELECT t.* FROM told AS t ORDER BY t.course DESC, t.state_rank DESC, t.id DESC LIMIT 1
    ), known AS (
        SELECT bool_or(t.status = 5) AND NOT bool_or(t.status = 1) AS wrong FROM told AS t WHERE t.request_info = p_detail
    ), reached AS (
        SELECT s.rank::integer, s.push_type, s.event_time,
               last.id IS NULL OR s.rank > newest.state_rank                         AS missing,
               -- Youshu is told milliseconds.
               -- What was set aside for its time (090) stands there with another one.
               date_trunc('milliseconds', last.event_time)
                   IS DISTINCT FROM date_trunc('milliseconds', s.event_time)
                   AND (last.status <> 5 OR youshu_can_be_told(s.event_time))        AS corrected,
               last.status = 5 AND last.request_info IS DISTINCT FROM p_detail AND known.wrong IS NOT TRUE
                   -- What is set aside whatever the order holds: for its moment (090), or cancelled after shipping.
                   AND youshu_can_be_told(s.event_time)
                   AND (s.push_type = '1140' AND p_reached[5] <= s.event_time) IS NOT TRUE AS mended
        FROM unnest(ARRAY['1110', '1130', '1150', '1140', '1160', '1180'], p_reached)
             WITH ORDINALITY AS s (push_type, event_time, rank)
        CROSS JOIN known
        LEFT JOIN newest ON true
        LEFT JOIN LATERAL (
            SELECT t.id, t.event_time, t.status, t.request_info FROM told AS t
            WHERE t.push_type = s.push_type ORDER BY t.course DESC, t.id DESC LIMIT 1
        ) AS last ON true
        WHERE s.event_time < 'infinity'
    ), found AS (
        SELECT min(r.rank) FILTER (WHERE r.missing)                                  AS missing,
               least(min(r.rank) FILTER (WHERE r.corrected AND NOT r.missing),
                     CASE WHEN max(r.rank) < newest.state_rank THEN max(r.rank) END) AS corrected,
               min(r.rank) FILTER (WHERE r.mended)                                   AS mended,
               max(r.rank)                                                           AS latest,
               COALESCE(newest.course, 0)                                            AS course,
               newest.request_info IS DISTINCT FROM p_detail                         AS changed
        FROM reached AS r LEFT JOIN newest ON true
        GROUP BY newest.course, newest.state_rank, newest.request_info
    ), plan AS (
        SELECT CASE WHEN p_again THEN 'again' WHEN f.corrected IS NOT NULL THEN 'corrected'
                    WHEN f.mended IS NOT NULL THEN 'mended' WHEN f.missing IS NOT NULL THEN 'missing'
                    WHEN f.changed THEN 'changed' END AS reason,
               least(f.missing, f.corrected, f.mended) AS since, f.*
        FROM found AS f
    )
    SELECT r.rank, r.push_type, r.event_time,
           CASE WHEN p.reason IN ('missing', 'changed') THEN greatest(p.course, 1) ELSE p.course + 1 END,
           CASE WHEN r.missing THEN 'missing' ELSE p.reason END
    FROM plan AS p
    JOIN reached AS r ON CASE p.reason WHEN 'again' THEN true WHEN 'missing' THEN r.missing
                                       WHEN 'changed' THEN r.rank = p.latest ELSE r.rank >= p.since END
    WHERE p.reason IS NOT NULL
    ORDER BY r.rank
$$;

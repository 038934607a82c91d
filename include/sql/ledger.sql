-- Certificates (etl_window) and watermarks.

-- name: close_certificate
UPDATE etl_window
SET verdict          = %(verdict)s,
    source_total     = %(source_total)s,
    source_keys      = %(source_keys)s,
    source_checksum  = %(source_checksum)s,
    target_keys      = %(target_keys)s,
    target_checksum  = %(target_checksum)s,
    refused          = %(refused)s,
    refused_checksum = %(refused_checksum)s,
    quarantined      = %(quarantined)s,
    missing_keys     = %(missing_keys)s,
    rule_counts      = %(rule_counts)s,
    pages            = %(pages)s,
    passes           = %(passes)s,
    calls            = %(calls)s,
    throttles        = %(throttles)s,
    compared         = %(compared)s,
    error            = %(error)s,
    finished_at      = %(finished_at)s
WHERE id = %(id)s

-- name: recent
-- Certificates of recent windows, whatever came of them; those of single rows have no length.
SELECT id, account, window_from, window_to, filters, purpose, verdict, started_at, error
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s
  AND window_from > %(earliest)s AND window_to > %(since)s AND window_from < window_to
  AND purpose IN ('scheduled', 'backfill', 'manual')
ORDER BY id

-- name: begun
-- Since when there are certificates at all, and since when there is something for a comparison to look at.
SELECT MIN(started_at) AS certified,
       MIN(CASE WHEN purpose = 'scheduled' AND filters = '' AND verdict = 'complete' THEN started_at END) AS loaded
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s

-- name: complete_windows
-- What is done already since a run was planned: by an earlier try of its own, or by another scheduled run.
SELECT window_from, window_to
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND filters = %(filters)s AND verdict = 'complete'
  AND window_from < %(window_to)s AND window_to > %(window_from)s AND started_at >= %(planned_at)s
  AND purpose = %(purpose)s AND (run_id = %(run_id)s OR purpose = 'scheduled')
ORDER BY window_from

-- name: first_scheduled
-- From where on scheduled loads have read at all.
SELECT MIN(window_from) AS window_from
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = '' AND verdict = 'complete'

-- name: watermark
SELECT watermark FROM etl_watermark WHERE pipeline = %(pipeline)s AND account = %(account)s

-- name: watermarks
SELECT pipeline, account, watermark FROM etl_watermark ORDER BY pipeline, account

-- name: lock_watermark
SELECT watermark FROM etl_watermark WHERE pipeline = %(pipeline)s AND account = %(account)s FOR UPDATE

-- name: reach
-- How far one more complete window leads on from the watermark.
SELECT MAX(window_to) AS watermark
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = ''
  AND verdict = 'complete' AND window_from <= %(watermark)s AND window_to > %(watermark)s

-- name: move_watermark
UPDATE etl_watermark SET watermark = %(watermark)s, moved_at = %(now)s
WHERE pipeline = %(pipeline)s AND account = %(account)s

-- name: beyond_watermark
-- What scheduled runs have completed beyond the watermark: it stays behind where a window before that failed.
SELECT window_from, window_to, started_at
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = ''
  AND verdict = 'complete' AND window_from > %(watermark)s
ORDER BY window_from

-- name: certain
-- From where on it is not certain what was read, where a watermark lies in the future: some clock was ahead for a while.
SELECT MIN(window_from) AS watermark
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s AND purpose = 'scheduled' AND filters = '' AND verdict = 'complete'
  AND window_to > %(now)s

-- name: forget_watermark
DELETE FROM etl_watermark WHERE pipeline = %(pipeline)s AND account = %(account)s

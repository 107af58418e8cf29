-- Figures that a job has counted: of the whole company, or of each of some sites.
SELECT balance_count, short_item_count, short_items::text AS short_items, counted_at
FROM stock_figure
WHERE CASE WHEN $1::bigint[] IS NULL THEN site_id IS NULL ELSE site_id = ANY ($1) END

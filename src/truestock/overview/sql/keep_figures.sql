INSERT INTO stock_figure (
    site_id, balance_count, short_item_count, short_items, counted_at, milliseconds
)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)
ON CONFLICT ON CONSTRAINT stock_figure_one_per_site DO UPDATE SET
    balance_count = excluded.balance_count,
    short_item_count = excluded.short_item_count,
    short_items = excluded.short_items,
    counted_at = excluded.counted_at,
    milliseconds = excluded.milliseconds

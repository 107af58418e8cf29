-- One item's totals by location, in the order of sites and codes.
SELECT
    site_id, site_code, location_id, location_code,
    sum(quantity_on_hand)::bigint AS quantity_on_hand,
    sum(quantity_reserved)::bigint AS quantity_reserved,
    sum(quantity_available)::bigint AS quantity_available,
    min(quantity_on_hand) AS quantity_lowest
FROM balance_shown
WHERE item_id = $1 AND balance_id > 0 AND ($2::bigint[] IS NULL OR site_id = ANY ($2))
GROUP BY site_id, site_code, location_id, location_code
ORDER BY site_code, location_code

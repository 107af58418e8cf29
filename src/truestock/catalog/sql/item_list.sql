SELECT
    i.item_id, i.sku, i.name, i.base_unit, g.gtin, i.tracking, i.currency, i.list_price_minor,
    i.cost_minor, i.picture_url, i.status, i.version, i.changed_at, /*sort*/
FROM item AS i
LEFT JOIN item_gtin AS g ON g.item_id = i.item_id AND g.pack_unit IS NULL
WHERE true
AND i.status = :status --if status
AND i.tracking = :tracking --if tracking
AND (i.sku ILIKE :pattern OR i.name ILIKE :pattern OR i.item_id = ANY (ARRAY(SELECT item_id FROM item_gtin WHERE gtin_14 = :gtin_14))) --if pattern
/*after*/
/*order*/

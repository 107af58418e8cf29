-- The balance of an item at a place by their codes; without a lot it is that of no lot.
SELECT
    balance_id, item_id, sku, item_name, base_unit, site_id, site_code, location_id,
    location_code, lot_code, disposition, quantity_on_hand, quantity_reserved, quantity_available
FROM balance_shown
WHERE balance_id = (
    SELECT b.balance_id
    FROM balance AS b
    WHERE b.item_id = (SELECT item_id FROM item WHERE sku = $1)
      AND b.location_id = (SELECT location_id FROM location WHERE code = $2)
      AND (b.lot_id IS NULL) = ($3::text IS NULL)
      AND b.lot_id IS NOT DISTINCT FROM (
          SELECT lot_id FROM lot WHERE code = $3 AND lot.item_id = b.item_id)
      AND b.handling_unit_id IS NULL
      AND b.disposition = $4
)

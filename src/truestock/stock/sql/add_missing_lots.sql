-- A lot or serial is known from its first movement on; item and code name it.
INSERT INTO lot (item_id, code, serial)
SELECT DISTINCT k.item_id, k.code, i.tracking = 'serial'
FROM unnest($1::bigint[], $2::text[]) AS k (item_id, code)
JOIN item AS i USING (item_id)
ORDER BY k.item_id, k.code
ON CONFLICT ON CONSTRAINT lot_code_unique DO NOTHING

INSERT INTO document_line (
    document_id, line_number, item_id, lot_code, disposition, unit, quantity_entered,
    quantity_base, unit_cost_minor, source_location_id, target_location_id
)
SELECT *
FROM unnest(
    $1::text::bigint[], $2::text::smallint[], $3::text::bigint[], $4::text[],
    $5::text::text[], $6::text[], $7::text::numeric[], $8::text::bigint[],
    $9::text::numeric[], $10::text::bigint[], $11::text::bigint[]
)

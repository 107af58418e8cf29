INSERT INTO item_pack (item_id, base_unit, unit, factor_numerator, factor_denominator)
SELECT n.item_id, item.base_unit, n.unit, n.factor_numerator, n.factor_denominator
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
    AS n (item_id, unit, factor_numerator, factor_denominator)
JOIN item USING (item_id)

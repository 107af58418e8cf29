-- How many physical balances the filters leave, counted up to a limit; texts are not looked at.
SELECT count(*)
FROM (
    SELECT b.balance_id
    FROM balance AS b
    JOIN location AS l ON l.location_id = b.location_id --if with_location
    WHERE b.balance_id > 0
    AND b.item_id = ANY (:item_ids::bigint[]) --if item_ids
    AND b.location_id = :location_id --if location_id
    AND l.site_id = :site_id --if site_id
    AND l.site_id = ANY (:site_ids::bigint[]) --if site_ids
    AND b.disposition = :disposition --if disposition
    LIMIT :count_max
) AS found

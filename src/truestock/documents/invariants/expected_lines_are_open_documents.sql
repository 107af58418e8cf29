-- What is expected is what open documents say, no more and no less.
SELECT 'missing' AS fault, x.*
FROM (
    SELECT
        document_id, line_number, number, kind, item_id, source_site_id, target_site_id,
        disposition, quantity, due_on
    FROM document_expected
    EXCEPT
    SELECT
        document_id, line_number, number, kind, item_id, source_site_id, target_site_id,
        disposition, quantity, due_on
    FROM expected_line
) AS x
UNION ALL
SELECT 'left over', y.*
FROM (
    SELECT
        document_id, line_number, number, kind, item_id, source_site_id, target_site_id,
        disposition, quantity, due_on
    FROM expected_line
    EXCEPT
    SELECT
        document_id, line_number, number, kind, item_id, source_site_id, target_site_id,
        disposition, quantity, due_on
    FROM document_expected
) AS y

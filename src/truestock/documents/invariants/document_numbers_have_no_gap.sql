-- The numbers of a type and year are 1 to n, and the counter stands at n.
SELECT
    coalesce(d.type, c.type) AS type, coalesce(d.number_year, c.year) AS year,
    d.first_index, d.last_index, d.size, c.last_index AS counter
FROM (
    SELECT
        type, number_year, min(number_index) AS first_index, max(number_index) AS last_index,
        count(DISTINCT number_index) AS size
    FROM document
    GROUP BY type, number_year
) AS d
FULL JOIN document_counter AS c ON c.type = d.type AND c.year = d.number_year
WHERE d.first_index IS DISTINCT FROM 1
OR d.last_index IS DISTINCT FROM d.size
OR d.last_index IS DISTINCT FROM c.last_index

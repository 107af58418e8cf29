-- Changes of a site's tree take turns on its row; postings never touch it.
SELECT site_id
FROM site
WHERE site_id = ANY ($1::bigint[]) OR code = ANY ($2::text[])
ORDER BY site_id
FOR NO KEY UPDATE

INSERT INTO import_part (import_id, part_number, content)
SELECT $1, part_number, content
FROM unnest($2::bytea[]) WITH ORDINALITY AS p (content, part_number)

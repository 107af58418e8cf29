-- A posted document has lines, numbered from 1 without a gap.
SELECT d.document_id, d.number, count(l.line_number) AS line_count, max(l.line_number) AS last_line
FROM document AS d
LEFT JOIN document_line AS l USING (document_id)
WHERE d.state = 'posted'
GROUP BY d.document_id, d.number
HAVING count(l.line_number) = 0 OR count(l.line_number) <> max(l.line_number)

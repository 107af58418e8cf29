SELECT site_id FROM site ORDER BY site_id

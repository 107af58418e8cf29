-- Figures of sites that are gone.
DELETE FROM stock_figure
WHERE site_id IS NOT NULL AND site_id NOT IN (SELECT site_id FROM site)

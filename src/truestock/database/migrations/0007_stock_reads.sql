-- Owned by: stock. depends: 0005_ledger
-- What lists and explanations of stock need beside the ledger's own indexes. No index here mentions
-- a quantity: a posting changes quantities in place and touches no index of the balance.
CREATE INDEX balance_by_place ON balance (location_id, balance_id);
DROP INDEX balance_by_location;
CREATE INDEX balance_held ON balance (disposition, item_id)
    WHERE balance_id > 0 AND disposition <> 'available';
CREATE INDEX balance_maybe_negative ON balance (item_id) WHERE balance_id > 0 AND negative_allowed;

-- Lines between two virtual places (a drop shipment) have no physical side to be found by.
CREATE INDEX movement_line_virtual_source ON movement_line (source_balance_id, movement_id)
    WHERE source_balance_id < 0 AND target_balance_id < 0;
CREATE INDEX movement_line_virtual_target ON movement_line (target_balance_id, movement_id)
    WHERE source_balance_id < 0 AND target_balance_id < 0;
CREATE INDEX movement_by_occurrence ON movement USING brin (occurred_at);

CREATE INDEX reservation_by_balance ON reservation (balance_id, reservation_id);

-- A balance as people see it. Available is what may be sold and picked now and is not promised.
CREATE VIEW balance_shown AS
SELECT
    b.balance_id, b.item_id, i.sku, i.name AS item_name, i.base_unit,
    l.site_id, s.code AS site_code, b.location_id, l.code AS location_code,
    lot.code AS lot_code, b.disposition, b.quantity_on_hand, b.quantity_reserved,
    CASE
        WHEN l.sellable AND l.pickable AND l.status = 'active' AND b.disposition = 'available'
            THEN b.quantity_on_hand - b.quantity_reserved
        ELSE 0
    END AS quantity_available
FROM balance AS b
JOIN item AS i USING (item_id)
JOIN location AS l USING (location_id)
LEFT JOIN site AS s ON s.site_id = l.site_id
LEFT JOIN lot ON lot.lot_id = b.lot_id;

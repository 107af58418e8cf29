"""Items, their units and packs, suppliers and customers, and what suppliers ask."""

"""People, sessions, API keys, roles and the audit trail: who may do what, where, and who did."""

"""What combines slices for pages: the dashboard, search over all, saved views, settings."""

"""Reports: release checks, pages, the store of versions, the catalogue."""

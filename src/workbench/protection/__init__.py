"""What protects patients' data: private files, the key, the watch list, the audit log."""

"""What people and pipelines run beside Copier."""

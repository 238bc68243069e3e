"""What people and pipelines run beside Copier: `wix-events`, and the steps of `validate`."""

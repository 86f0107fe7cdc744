"""Stack state as Pulumi's own DIY backends keep it: deployment v3, passphrase secrets, locks, history, backups."""

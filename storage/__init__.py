"""Tables and migrations. `storage.matrix` is what the method speaks of, `storage.ledger` what the service did."""

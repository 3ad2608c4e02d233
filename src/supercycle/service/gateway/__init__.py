"""What may be asked of the gateway: its start, its ledger, its prices."""

__all__: list[str] = []

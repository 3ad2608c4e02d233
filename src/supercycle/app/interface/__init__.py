"""The app's HTTP interface: its types, its addresses, and the same as an OpenAPI document."""

__all__: list[str] = []

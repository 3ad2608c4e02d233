"""From raw tables to typed ones: every meaning decided once and written into a column (see ``__main__``)."""

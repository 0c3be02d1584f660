"""One module per change of the store, in order; what was released is never edited."""

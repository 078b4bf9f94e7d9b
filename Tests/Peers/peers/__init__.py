"""Programs of other makes that stand before the hub or listen to it, run as a user runs them."""

"""Nothing was answered and nothing was saved."""

"""Which logs are meant by names, and in what state they are."""

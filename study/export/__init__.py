"""Complete models to take away: files that Keras opens without this package."""

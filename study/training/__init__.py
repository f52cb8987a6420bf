"""The replicated trainer: many heads on the features of a frozen backbone, each with its own seeds."""

"""Which backbones there are, and where their weights come from."""

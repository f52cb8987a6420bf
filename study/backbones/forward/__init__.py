"""From images to features by a frozen network: each file here decides a feature's numbers."""

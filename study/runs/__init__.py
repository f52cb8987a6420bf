"""The runs of a backbone: trained or taken from the store, recorded, and trained again."""

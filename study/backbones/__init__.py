"""Pretrained image networks without their classifiers, frozen."""

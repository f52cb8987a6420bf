"""Combine the predictions of several models: fitted on validation, judged on test."""

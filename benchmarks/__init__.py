"""How much faster the study is than the same study in plain Keras, measured side by side."""

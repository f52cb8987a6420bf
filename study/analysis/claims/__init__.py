"""The source's claims, judged on the data of this study."""

"""`tocsin bench`: rivals side by side on data that anybody brings, by a protocol that is written down, with reports."""

"""Exercises on the disk: scenarios and scripts as files, and a folder for each exercise."""

"""Where free units wait: objectives, tables, and moves."""

"""HTTP API, live stream and the built console. Thin: it reads pictures and queues commands."""

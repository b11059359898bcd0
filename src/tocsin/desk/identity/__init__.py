"""The verbs of who asks: sign in and out, change roles, give and take accounts and tokens."""

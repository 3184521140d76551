"""Signing in and out, the first administrator, one's own account, and the people and schools one looks after."""

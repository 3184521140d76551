"""Signing in by OpenID Connect: county, school or cloud campus say who somebody is; we say what they may do here."""

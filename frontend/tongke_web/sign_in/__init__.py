"""The pages of signing in: by password, by a provider, by a passkey; and signing out."""

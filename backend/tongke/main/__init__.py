"""The composition root: settings, engines, application and command line."""

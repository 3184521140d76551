"""Makes the media of the demo county; the results are committed, so nobody needs this to run Tongke."""

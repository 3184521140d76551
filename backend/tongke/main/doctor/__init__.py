"""``tongke doctor``: looks at every part of the platform and says, in sentences, what is wrong and what to do."""

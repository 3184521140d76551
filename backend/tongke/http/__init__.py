"""What every HTTP edge shares: dependencies, origins, problem answers."""

"""`make soak`: how much it takes to lose a run. Each file tries one kind of harm and returns what came of it."""

"""Running a plan: stages one after another in one process or several, which share the work through the store's locks."""

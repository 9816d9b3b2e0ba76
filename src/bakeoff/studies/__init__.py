"""The study files that come with the package."""

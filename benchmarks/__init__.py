"""Side by side against peers, in one command: `make bench`."""

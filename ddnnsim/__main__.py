"""`python -m ddnnsim` is the command line."""

from ddnnsim.cli import main

main()

"""Data sets: drawn, or read from files, seen by several cameras and split into train, validation and test."""

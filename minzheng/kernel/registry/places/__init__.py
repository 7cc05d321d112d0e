"""Organisations and facilities: how they are kept up."""

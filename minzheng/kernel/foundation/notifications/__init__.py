"""Telling users what they should hear of: inside the portal; other ways (SMS) join as adapters."""

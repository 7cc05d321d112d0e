"""要点督办 and the wall."""

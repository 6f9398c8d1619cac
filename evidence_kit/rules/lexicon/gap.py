"""What may stand between two words of a pattern: a few words of the same sentence."""

GAP = r"[^.!?\n]{0,50}?"

"""The static pages of a bundle: from the payload's own values to HTML that every figure can be followed from."""

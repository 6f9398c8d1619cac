"""What was done, chained; what a bag holds, listed. Pure."""

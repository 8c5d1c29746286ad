"""What the own hardware calculator is made of: owning, renting, and where one overtakes the other."""

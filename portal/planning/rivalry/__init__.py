"""Where we stand among rivals: perceptual map, white space, concentration, and what ``positioning`` says of them."""

"""Documents that leave the house, as pages for people: what stands on them, and how they become HTML, PDF and SVG."""

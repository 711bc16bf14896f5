"""Money that moves on a card while no customer stands at a till: captures and voids (POS-72, POS-78)."""

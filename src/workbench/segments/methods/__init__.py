"""Ways to make groups behind one interface: what is fitted once scores any later people, without being fitted anew."""

"""What follows from risks: whom to call, how many will come, and whether to book more than there is room for."""

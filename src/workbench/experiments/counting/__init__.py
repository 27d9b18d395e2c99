"""An experiment counted in one pushed-down pass: what leaves the engine is cells of people, never rows."""

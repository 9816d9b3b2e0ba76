"""Search: from a declared space of hyper-parameters to the candidates worth a contestant's place."""

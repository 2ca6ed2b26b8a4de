"""Hands nipype's workflows over to Raphe, which runs them."""

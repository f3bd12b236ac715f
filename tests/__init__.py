"""The proof: unit, contract, integration and simulation tests, and the model they measure against."""

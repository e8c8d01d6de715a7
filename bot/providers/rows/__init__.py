"""The rows of the catalogue by family, and the form of a row. Data only."""

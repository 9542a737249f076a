"""The release of the product, as receipts name the code that scored."""

VERSION = "0.1.0"

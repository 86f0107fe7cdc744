"""The catalog's images without a registry: the same names and contracts, made from Debian's packages.

Every server is the real one, in the version that the machine's Debian has.
"""

from tests.real.images.archive import made

__all__ = ["made"]

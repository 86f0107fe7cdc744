"""Why something cannot be done here, in a sentence with the way out."""


class Unable(Exception):
    """This machine lacks what the real cluster needs."""

"""What can be found in words alone: keywords, STAR parts, connectives, details, vagueness.

Every rule is lexical, written down in its module, and answers with ``Hit``s that point into the text. The
same words give the same hits whether they were spoken or written.
"""

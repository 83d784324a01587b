"""Replaces private functions of an emulator."""

import functools
import sys


def wrapping(owner, name):
    """Replaces a function of a module, or a method of a class, by one that takes the original as its first argument."""

    def replace(function):
        original = getattr(owner, name, None)
        if original is None:
            sys.exit(f"{owner.__name__} has no {name} to patch")

        @functools.wraps(original)
        def replaced(*arguments, **named):
            return function(original, *arguments, **named)

        setattr(owner, name, replaced)
        return function

    return replace

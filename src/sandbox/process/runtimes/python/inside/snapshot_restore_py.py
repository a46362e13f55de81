"""Hooks of SnapStart, by Lambda's names: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html"""

_before_snapshot = []
_after_restore = []


def register_before_snapshot(func, *args, **kwargs):
    """Called, the last registered first, before the function's template is made."""
    _before_snapshot.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    """Called, in the order of registration, in each environment that begins with the template."""
    _after_restore.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return _before_snapshot


def get_after_restore():
    return _after_restore

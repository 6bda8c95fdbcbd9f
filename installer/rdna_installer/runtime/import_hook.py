"""What happens when torch is imported: the chosen convolution strategy and memory cap, after torch's own body has run.

Loaded then and not before. Other people's import hooks are asked as if we were not there; whoever answers for torch
gets a loader around theirs that gives way to it before the first line of torch runs.
"""

import os
import sys
from _thread import get_ident

ANY = "RDNA_CONV_ANY"  # "1": also in a torch that is no ROCm build
_asking = set()  # threads that are asking the other finders; one of them may ask us back
_running = []  # torch, while its body runs
_in_force = [("native", None)]  # strategy and memory fraction put in force last


def find(finder, name, path, target):
    """torch's spec with our loader around its own, None for any other module."""
    if name != "torch":
        if is_loaded():  # another hook answered for it
            arrived(finder)
        return None
    thread = get_ident()
    if thread in _asking:
        return None
    _asking.add(thread)
    try:
        spec = _ask_the_others(finder, name, path, target)
    finally:
        _asking.discard(thread)
    if spec is not None and spec.loader is not None:
        spec.loader = Loader(spec.loader, finder)
    return spec


class Loader:
    """Another loader, and a call once the module's body has run."""

    def __init__(self, loader, finder):
        self._loader, self._finder = loader, finder

    def __getattr__(self, name):
        if name in ("_loader", "_finder"):
            raise AttributeError(name)
        return getattr(self._loader, name)

    def create_module(self, spec):
        """As the other loader does."""
        create = getattr(self._loader, "create_module", None)
        return create(spec) if create else None

    def exec_module(self, module):
        """Step aside, run the body, act."""
        loader = self._loader
        module.__spec__.loader = module.__loader__ = loader
        _running.append(module)
        try:
            if hasattr(loader, "exec_module"):
                loader.exec_module(module)
            else:
                loader.load_module(module.__name__)  # zipimport before Python 3.10
        finally:
            _running.remove(module)
        arrived(self._finder)


def arrived(finder):
    """Stop watching and put strategy and cap in force. Never raises: torch is whole, with or without us."""
    # A new list: another thread may be walking through the old one, and would miss a finder.
    sys.meta_path = [other for other in sys.meta_path if other is not finder]
    try:
        act()
    except Exception as problem:
        say(
            "strategy and memory cap are not in force, PyTorch is left as it is (%s: %s)"
            % (type(problem).__name__, problem)
        )


def act():
    """Put what RDNA_CONV and RDNA_MEMORY_FRACTION say in force in the torch that is there."""
    strategy = os.environ.get("RDNA_CONV") or "native"
    fraction = _fraction(os.environ.get("RDNA_MEMORY_FRACTION"))
    if (strategy, fraction) == _in_force[-1]:
        return
    torch = sys.modules["torch"]
    if not getattr(getattr(torch, "version", None), "hip", None) and os.environ.get(ANY) != "1":
        explain("this torch is no ROCm build: nothing done (%s=1 does it all the same)" % ANY)
        return
    from _rdna_hook import conv

    _in_force[:] = [(strategy, fraction)]
    conv.activate(strategy, memory_fraction=fraction, explain=explain)


def is_loaded():
    """Whether torch is there and its body has run."""
    if _running:
        return False
    try:
        # Past a lazy module's own __getattribute__, which would load it now.
        known = object.__getattribute__(sys.modules["torch"], "__dict__")
        return "version" in known and not getattr(known.get("__spec__"), "_initializing", False)
    except Exception:
        return False


def say(text):
    """One line on stderr."""
    try:
        sys.stderr.write("rdna-installer: %s\n" % text)
    except Exception:
        return  # a closed or missing stderr


def explain(text):
    """One line on stderr with RDNA_HOOK=verbose."""
    if os.environ.get("RDNA_HOOK") == "verbose":
        say(text)


def _fraction(text):
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if 0.0 < value <= 1.0:
        return value
    say("RDNA_MEMORY_FRACTION=%s is not above 0 and at most 1: no memory cap" % ascii(text)[1:-1])
    return None


def _ask_the_others(finder, name, path, target):
    """The answer of the finders behind ours; the ones before it have been asked already."""
    others = list(sys.meta_path)
    for other in others[others.index(finder) + 1 :] if finder in others else ():
        ask = getattr(other, "find_spec", None)
        spec = ask(name, path, target) if ask else None
        if spec is not None:
            return spec
    return None

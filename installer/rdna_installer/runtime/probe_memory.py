"""What the rows of ``probe`` do with the card's memory: each returns bytes and GB/s, or raises. Python 3.7, torch."""

import time

PIECE = 1 << 28  # bytes
WORD = 4


class UnequalError(Exception):
    """What was written is not what is there."""


def _timed(torch, work):
    torch.cuda.synchronize()
    begun = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return max(time.perf_counter() - begun, 1e-6)


def _free(torch):
    torch.cuda.empty_cache()
    return torch.cuda.mem_get_info()[0]


def _words(torch, size):
    return torch.empty(size // WORD, dtype=torch.int32, device="cuda")


def _wrong(held, number):
    """How many words are not the number; piece by piece, since a sum takes memory of its own."""
    return sum(int((piece != number).sum()) for piece in held.split(PIECE // WORD))


def filled(torch, part):
    """So much of what is free in one piece: every word written, then read. Pieces differ, so that one that is mapped
    twice is seen."""
    size = int(_free(torch) * part)
    held = _words(torch, size)
    pieces = held.split(PIECE // WORD)

    def write():
        for number, piece in enumerate(pieces):
            piece.fill_(number + 1)

    took = _timed(torch, write)
    if any(_wrong(piece, number + 1) for number, piece in enumerate(pieces)):
        raise UnequalError("what is read is not what was written")
    return {"bytes": size, "gbs": size / took / 1e9}


def fragments(torch):
    """256 pieces of 80 % of what is free, every second freed; then one piece of half of that."""
    size = int(_free(torch) * 0.8)
    pieces = [_words(torch, size // 256).fill_(n) for n in range(256)]
    del pieces[::2]
    whole = _words(torch, int(_free(torch) * 0.5)).fill_(-1)
    if any(_wrong(piece, 2 * n + 1) for n, piece in enumerate(pieces)) or _wrong(whole, -1):
        raise UnequalError("pieces hold each other's words")
    return {"bytes": size}


def reuse(torch):
    """Taken and freed again: nothing grows, each holds its own."""
    reserved = None
    for number in range(200):
        held = _words(torch, (1 << 24) + (number % 7 << 20)).fill_(number)
        if number % 40 == 0 and int((held != number).sum()):
            raise UnequalError("round %d" % number)
        del held
        if number == 20:
            reserved = torch.cuda.memory_reserved()
    if torch.cuda.memory_reserved() > reserved:
        raise UnequalError("%d bytes grew to %d" % (reserved, torch.cuda.memory_reserved()))
    return {"bytes": reserved}


def pinned(torch):
    """From pinned memory to the card and back while nobody waits."""
    there = torch.arange(1 << 24, dtype=torch.int32).pin_memory()
    back = torch.zeros_like(there).pin_memory()
    found = []

    def copy():
        found.append(there.to("cuda", non_blocking=True))
        back.copy_(found[-1], non_blocking=True)

    took = _timed(torch, copy)
    if not torch.equal(there, back):
        raise UnequalError("what came back is not what was sent")
    return {"bytes": there.numel() * WORD, "gbs": 2 * there.numel() * WORD / took / 1e9}


def streams(torch):
    """One stream copies while another computes: neither disturbs the other."""
    source = torch.arange(1 << 22, dtype=torch.int32).pin_memory()
    one, other = torch.cuda.Stream(), torch.cuda.Stream()
    x = torch.ones(1024, 1024, device="cuda")
    torch.cuda.synchronize()
    for _ in range(20):
        with torch.cuda.stream(one):
            copied = source.to("cuda", non_blocking=True)
        with torch.cuda.stream(other):
            product = x @ x
        torch.cuda.synchronize()
        if not torch.equal(copied.cpu(), source) or int((product != 1024).sum()):
            raise UnequalError("a copy and a product beside each other")
    return {"bytes": source.numel() * WORD}


def beyond(torch):
    """More than the card has: torch has to say so, and to go on."""
    size = int(torch.cuda.get_device_properties(0).total_memory * 1.2)
    try:
        _words(torch, size).fill_(1)
    except RuntimeError as problem:  # OutOfMemoryError in newer ones
        if "out of memory" not in str(problem):
            raise
        if int(torch.ones(1000, device="cuda").sum()) != 1000:
            raise UnequalError("nothing can be computed after it") from problem
        return {"bytes": size}
    raise UnequalError("%d bytes of a card with less were given" % size)


def names(torch):
    """For expressions."""
    own = (filled, fragments, reuse, pinned, streams, beyond)
    return {function.__name__: _bound(torch, function) for function in own}


def _bound(torch, function):
    return lambda *given: function(torch, *given)

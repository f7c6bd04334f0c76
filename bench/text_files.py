"""Text that compresses as text does: words of a made-up language, frequent ones more often."""
import itertools
import random

CORPUS = 16 << 20  # gzip looks back 32 KiB: that it repeats after this is not noticed


def corpus(size):
    source = random.Random(4)
    words = ["".join(source.choices("etaoinshrdlucmfw", k=source.randint(2, 11))) for _ in range(20_000)]
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    text = []
    length = 0
    while length < size:
        line = " ".join(source.choices(words, cum_weights=weights, k=12)) + "\n"
        text.append(line)
        length += len(line)
    return "".join(text).encode()[:size]


def write(directory, count, size):
    """`count` files of `size` bytes, a hundred in each directory."""
    text = corpus(min(CORPUS, count * size))
    for number in range(count):
        path = directory / f"part{number // 100:03}/file{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            write_one(file, text, size, number)


def write_one(file, text, size, number):
    at = number * 7919 % len(text)  # a stride that meets no file's start again
    left = size
    while left > 0:
        piece = text[at:at + left]
        file.write(piece)
        left -= len(piece)
        at = 0

"""Rounds in which each job runs once, so that all of them see the same machine, and their medians."""
import statistics


class Sample:
    """What one job has taken in every round."""

    def __init__(self, taken):
        self.taken = taken

    def median(self, what="seconds"):
        return statistics.median(getattr(one, what) for one in self.taken)

    def quartiles(self, what="seconds"):
        """The first and the third."""
        values = [getattr(one, what) for one in self.taken]
        if len(values) < 2:
            return values[0], values[0]
        first, _, third = statistics.quantiles(values, n=4, method="inclusive")
        return first, third

    def peak(self):
        """The most memory of any round, MiB."""
        return max(one.peak for one in self.taken)

    def requests(self):
        """Of each registry, the most of any round."""
        return tuple(max(numbers) for numbers in zip(*(one.requests for one in self.taken)))


def alternate(rounds, jobs):
    """`jobs`: functions by name, each of which returns a processes.Taken. Samples by name."""
    taken = {name: [] for name in jobs}
    order = list(jobs.items())
    for number in range(rounds):
        # Who is first changes, since what one does is in the page cache for the next.
        shift = number % len(order)
        for name, job in order[shift:] + order[:shift]:
            taken[name].append(job())
    return {name: Sample(of_one) for name, of_one in taken.items()}

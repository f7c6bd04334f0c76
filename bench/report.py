"""The table: a row for each job, as text while it is measured and as Markdown at the end."""
import dataclasses
import re

BEGIN = "<!-- written by hack/bench.sh --write-docs: begin -->"
END = "<!-- end -->"
HEADER = ("| | median | quartiles | CPU | peak memory | beside its peer | wanted | |\n"
          "|---|---|---|---|---|---|---|---|\n")
PEAK_WANTED = 40  # MiB, of every copy for which nothing else is said


@dataclasses.dataclass
class Row:
    what: str
    median: str
    quartiles: str = ""
    cpu: str = ""
    peak: str = ""
    ratio: str = ""
    wanted: str = ""
    met: bool | None = None  # None: nothing is wanted

    def verdict(self):
        return {None: "", True: "met", False: "**missed**"}[self.met]

    def cells(self):
        return (self.what, self.median, self.quartiles, self.cpu, self.peak, self.ratio, self.wanted,
                self.verdict())


def seconds(value):
    return f"{value * 1000:.3g} ms" if value < 0.1 else f"{value:.3g} s" if value < 100 else f"{value:.0f} s"


class Report:
    def __init__(self, judge):
        """`judge`: whether what is wanted is compared with what was measured."""
        self.judge = judge
        self.rows = []

    def add(self, row):
        self.rows.append(row)
        parts = [row.median, f"({row.quartiles})" if row.quartiles else "", f"CPU {row.cpu}" if row.cpu else "",
                 row.peak, row.ratio, f"(wanted {row.wanted.replace('**', '')})" if row.wanted else "", row.verdict().strip("*")]
        print(f"{row.what:<56} " + "  ".join(part for part in parts if part), flush=True)

    def value(self, what, text, value=None, wanted=None, unit="", at_least=False):
        """A number without a peer; `wanted` is the most (or least) that it should be."""
        met = None if wanted is None or not self.judge else value >= wanted if at_least else value <= wanted
        sign = "≥" if at_least else "≤"
        self.add(Row(what, text, wanted="" if wanted is None else f"{sign} {wanted:g}{unit}", met=met))

    def sample(self, what, sample, ratio="", wants=()):
        """`wants`: pairs of what is wanted in words and whether it was so."""
        first, third = sample.quartiles()
        taken = sample.taken[0]
        met = all(one[1] for one in wants) if wants and self.judge else None
        self.add(Row(what, seconds(sample.median()), f"{seconds(first)} to {seconds(third)}",
                     seconds(sample.median("cpu")) if taken.cpu else "",
                     f"{sample.peak():.0f} MiB" if taken.peak else "", ratio,
                     "; ".join(text if reached or not self.judge else f"**{text}**" for text, reached in wants), met))

    def compare(self, title, samples, base, wanted=None, peaks=None):
        """A row for each sample, beside the one named `base`. `wanted`: the largest ratio, by name;
        `peaks`: the most memory in MiB, by name."""
        unit = samples[base].median()
        for name, sample in samples.items():
            ratio, wants = sample.median() / unit, []
            if name in (wanted or {}):
                wants.append((f"≤ {wanted[name]:g} of {base}", ratio <= wanted[name]))
            if name in (peaks or {}):
                wants.append((f"≤ {peaks[name]} MiB", sample.peak() <= peaks[name]))
            self.sample(f"{title}: {name}", sample, f"{ratio:.2f} of {base}" if name != base else "", wants)

    def markdown(self):
        return HEADER + "".join(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row.cells()) + " |\n" for row in self.rows)

    def write_into(self, page):
        """Replaces what stands between the markers of `page`."""
        text = page.read_text(encoding="utf-8")
        pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise RuntimeError(f"{page}: want one pair of '{BEGIN}' and '{END}'")
        table = f"{BEGIN}\n{self.markdown()}{END}"
        page.write_text(pattern.sub(lambda _: table, text), encoding="utf-8")

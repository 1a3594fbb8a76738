"""Read a calendar file as `convoke import` does, in a process whose memory is limited.

    python hostile_files.py MEGABYTES NAME…

Prints a line for each file: what was created last, what went wrong, and the most memory taken so far. NAME is
that of a function below,
which makes the file.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

NEIGHBOUR = (
    "BEGIN:VEVENT\nUID:neighbour\nORGANIZER:mailto:ann@example.org\nDTSTART:20270301T100000Z\nEND:VEVENT\n"
)
EVENT = "BEGIN:VEVENT\nUID:{uid}\nORGANIZER:mailto:ann@example.org\n{lines}END:VEVENT\n"
START = "DTSTART:20270301T100000Z\n"
STANDARD = "BEGIN:STANDARD\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n{lines}END:STANDARD\n"
DAYLIGHT = "BEGIN:DAYLIGHT\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n{lines}END:DAYLIGHT\n"
ZONE = f"BEGIN:VTIMEZONE\nTZID:{{tzid}}\n{STANDARD}{DAYLIGHT}END:VTIMEZONE\n"


def in_zone(lines: str) -> str:
    """Return an event in a zone of these lines."""
    event = EVENT.format(uid="zoned", lines="DTSTART;TZID=mine:20270301T100000\n")
    return ZONE.format(tzid="mine", lines=lines) + event


def counting_seconds() -> str:
    every = ",".join(map(str, range(60)))
    rule = f"FREQ=YEARLY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={every};BYSECOND={every}"
    return in_zone(f"DTSTART:19700101T000000\nRRULE:{rule}\n")


def counting_for_ever() -> str:
    return in_zone("DTSTART:19700101T000000\nRRULE:FREQ=YEARLY;COUNT=999999999999;UNTIL=99991231T000000Z\n")


def every_day_of_the_year() -> str:
    months = ",".join(map(str, range(1, 13)))
    days = ",".join(map(str, range(1, 32)))
    return in_zone(f"DTSTART:16010101T000000\nRRULE:FREQ=YEARLY;BYMONTH={months};BYMONTHDAY={days}\n")


def many_onsets() -> str:
    return in_zone("DTSTART:19700101T000000\nRDATE:" + ",".join(["19700101T000000"] * 60_000) + "\n")


def many_zones() -> str:
    numbers = range(4_000)
    rule = "DTSTART:19700101T000000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n"
    zones = "".join(ZONE.format(tzid=f"z{number}", lines=rule) for number in numbers)
    events = (
        EVENT.format(uid=f"zoned{number}", lines=f"DTSTART;TZID=z{number}:20270301T100000\n")
        for number in range(300)
    )
    return zones + "".join(events)


def many_calendars_with_zones() -> str:
    zone = ZONE.format(tzid="mine", lines="DTSTART:19700101T000000\n")
    return "".join(f"BEGIN:VCALENDAR\n{zone}END:VCALENDAR\n" for _ in range(8_000))


def nested() -> str:
    return "BEGIN:VEVENT\n" + "BEGIN:X\n" * 60_000 + "END:X\n" * 60_000 + "END:VEVENT\n"


def nested_without_end() -> str:
    return "BEGIN:X\n" * 120_000


def many_parameters() -> str:
    return EVENT.format(uid="odd", lines=START + "ATTENDEE" + ";A=b" * 250_000 + ":mailto:bob@example.org\n")


def badly_quoted_parameters() -> str:
    line = "ATTENDEE;CN=" + '"\\"' * 300_000 + ";:mailto:bob@example.org\n"
    return EVENT.format(uid="odd", lines=START + line)


def many_properties() -> str:
    return EVENT.format(uid="odd", lines=START + "X:\n" * 330_000)


def many_events() -> str:
    return "BEGIN:VEVENT\nEND:VEVENT\n" * 40_000


def many_alarms() -> str:
    return EVENT.format(uid="odd", lines=START + "BEGIN:VALARM\nTRIGGER:-PT1M\nEND:VALARM\n" * 24_000)


def many_attendees() -> str:
    lines = "".join(f"ATTENDEE:mailto:p{number}@example.org\n" for number in range(30_000))
    return EVENT.format(uid="odd", lines=START + lines)


def many_rooms() -> str:
    lines = "".join(f"ATTENDEE;CUTYPE=ROOM:mailto:p{number}@example.org\n" for number in range(20_000))
    return EVENT.format(uid="odd", lines=START + lines)


def many_recipients() -> str:
    addresses = ",".join(f"p{number}@example.org" for number in range(50_000))
    return EVENT.format(uid="odd", lines=START + f"ATTENDEE:mailto:{addresses}\n")


def many_exceptions() -> str:
    return EVENT.format(uid="odd", lines=START + "EXDATE:" + ",".join(["20270301T100000Z"] * 60_000) + "\n")


def long_line() -> str:
    return EVENT.format(uid="odd", lines=START + "DESCRIPTION:" + "\x01\\n" * 330_000 + "\n")


def long_title() -> str:
    return EVENT.format(uid="odd", lines=START + "SUMMARY:" + " ё" * 330_000 + "\n")


def long_uid() -> str:
    return EVENT.format(uid="u" * 1_000_000, lines=START)


def long_duration() -> str:
    return EVENT.format(uid="odd", lines=START + "DURATION:PT" + "9" * 1_000_000 + "H\n")


def folds() -> str:
    return EVENT.format(uid="odd", lines=START + "SUMMARY:x\n" + "\n" * 500_000 + " \n" * 250_000)


def begin_line() -> str:
    return "BEGIN" + " " * 1_000_000 + ":VEVENT\n"


def spaces_in_a_parameter() -> str:
    return EVENT.format(uid="odd", lines=START + "ATTENDEE;CN=" + " " * 1_000_000 + '"\n')


def no_utf_8() -> str:
    # Written as UTF-8 and read as bytes: these characters are marked and made single bytes below.
    return EVENT.format(uid="odd", lines=START + "SUMMARY:" + "\udccf\udcf0" * 500_000 + "\n")


FILES: dict[str, Callable[[], str]] = {
    name: made
    for name, made in list(globals().items())
    if callable(made) and getattr(made, "__module__", "") == __name__ and name != "in_zone"
}


def main() -> None:
    """Make and read the files."""
    from convoke_importer.command import plan_files
    from convoke_importer.plans import Create
    from convoke_importer.report import Summary

    megabytes, *names = sys.argv[1:]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + int(megabytes) * 1_000_000, hard))
    with TemporaryDirectory() as folder:
        for name in names:
            path = Path(folder) / f"{name}.ics"
            path.write_text(FILES[name]() + NEIGHBOUR, "utf-8", errors="surrogateescape")
            summary = Summary()
            uids = [plan.uid for plan in plan_files([path], summary) if isinstance(plan, Create)]
            peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1_000
            outcome = {"name": name, "last": uids[-1:], "troubles": summary.troubles, "megabytes": peak}
            print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()

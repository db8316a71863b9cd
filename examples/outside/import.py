#!/usr/bin/env python3
"""Imports a CSV file into a table, as a run that anyone can watch. Needs psycopg, 3 or 2.

    DATABASE_URL=postgres://… ./import.py FILE TABLE

IMPORT_DEADLINE: how long nothing may be heard of it before it counts as dead.
"""

import csv
import io
import json
import os
import signal
import sys
import traceback
from contextlib import contextmanager

try:
    import psycopg as driver
    from psycopg import sql
except ImportError:
    import psycopg2 as driver
    from psycopg2 import sql

REPORT_EVERY = 500
# Spreadsheets write a mark before the first character.
ENCODING = "utf-8-sig"


class Run:
    """A run that this process drives, on two connections: what is said on the first is seen at once, the second does
    the work, and commits it together with the step's completion."""

    def __init__(self, url, workflow, steps, deadline):
        self.id = None
        self.failed = False
        self.voice = driver.connect(url)
        self.voice.autocommit = True
        self.work = driver.connect(url)
        with self.voice.cursor() as cursor:
            cursor.execute(
                "select stepcast.open_run(%s, %s, deadline => %s::interval)", (workflow, json.dumps(steps), deadline)
            )
            self.id = str(cursor.fetchone()[0])

    def say(self, function, *arguments, on=None):
        """Calls one of the step functions for this run, such as say("report_step", "load", 40)."""
        marks = ", ".join(["%s"] * (1 + len(arguments)))
        with (on or self.voice).cursor() as cursor:
            cursor.execute(f"select stepcast.{function}({marks})", (self.id, *arguments))

    @staticmethod
    def why(error):
        """Its text, or what it is where it has none, as Ctrl-C."""
        return str(error) or type(error).__name__

    @contextmanager
    def step(self, name):
        """A step as a block: completed at its end, together with what was written on `work`; failed by an exception."""
        self.say("begin_step", name)
        try:
            yield lambda percent, message=None: self.say("report_step", name, percent, message)
            self.say("complete_step", name, on=self.work)
            self.work.commit()
        except BaseException as error:
            self.failed = True
            try:
                self.work.rollback()
            except driver.Error:
                pass  # Where this connection is lost, the server has rolled back; the other one can still say so.
            try:
                self.say("fail_step", name, self.why(error), traceback.format_exc())
            except driver.Error as refused:
                # Somebody cancelled the run, or its deadline has passed: what was thrown first is what to show.
                print(f"could not report it: {refused}", file=sys.stderr)
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """Finished at the end of the block; cancelled by an exception that no step has failed by."""
        try:
            if error is None:
                self.say("finish_run")
            elif not self.failed:
                self.say("cancel_run", self.why(error))
        finally:
            self.voice.close()
            self.work.close()


def columns_of(cursor, table):
    cursor.execute(sql.SQL("select * from {} limit 0").format(sql.Identifier(table)))
    return [column[0] for column in cursor.description]


def check(run, path, table):
    """The file's columns, once it is known that the table has them."""
    with open(path, newline="", encoding=ENCODING) as file, run.work.cursor() as cursor:
        header = next(filter(None, csv.reader(file)), [])
        unknown = set(header) - set(columns_of(cursor, table))
        if unknown or not header:
            raise ValueError(f"table {table} has no column {', '.join(sorted(unknown)) or 'at all'}")
        return header


def load(run, path, table, header, report):
    """Inserts the rows, and says every 500 of them how much of the file is read."""
    insert = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, header)),
        sql.SQL(", ").join([sql.Placeholder()] * len(header)),
    )
    size = os.path.getsize(path)
    count = 0
    with open(path, "rb") as file, run.work.cursor() as cursor:
        rows = csv.reader(io.TextIOWrapper(file, encoding=ENCODING, newline=""))
        # The reader makes an empty list of a blank line.
        filled = filter(None, rows)
        next(filled)
        for row in filled:
            if len(row) != len(header):
                raise ValueError(f"line {rows.line_num}: has {len(row)} of {len(header)} values")
            try:
                cursor.execute(insert, [value or None for value in row])
            except driver.Error as error:
                raise ValueError(f"line {rows.line_num}: {error}") from error
            count += 1
            if count % REPORT_EVERY == 0:
                report(100 * file.tell() // size, f"{count} rows")
    return count


def main(path, table):
    # kill ends the block of a step like any exception; after kill -9 the deadline fails the run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))
    deadline = os.environ.get("IMPORT_DEADLINE", "1 minute")
    with Run(os.environ["DATABASE_URL"], "import", ["check", {"step": "load", "weight": 9}], deadline) as run:
        print("Run", run.id, flush=True)
        with run.step("check"):
            header = check(run, path, table)
        with run.step("load") as report:
            count = load(run, path, table, header, report)
    print(f"{count} rows are in {table}")


if __name__ == "__main__":
    main(*sys.argv[1:])

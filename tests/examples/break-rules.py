"""Says each statement of a JSON list on standard input, and prints what was raised: [code, message, hint] or null."""

import json
import os
import sys

try:
    import psycopg as driver
except ImportError:
    import psycopg2 as driver


def say(connection, statement):
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except driver.Error as error:
        code = getattr(error, "sqlstate", None) or error.pgcode
        return [code, error.diag.message_primary, error.diag.message_hint]


connection = driver.connect(os.environ["DATABASE_URL"])
connection.autocommit = True
print(json.dumps([say(connection, statement) for statement in json.load(sys.stdin)]))

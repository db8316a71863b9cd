#!/bin/sh
# Writes every table of a schema to FOLDER/TABLE.csv.gz, as a run that anyone can watch. In names % becomes %25, / %2F.
#
#   DATABASE_URL=postgres://… ./backup.sh FOLDER [SCHEMA]
#
# BACKUP_DEADLINE: how long nothing may be heard of it before it counts as dead; longer than the largest table takes.
set -eu

folder=${1:?name the folder to write to}
schema=${2:-public}
deadline=${BACKUP_DEADLINE:-10 minutes}
run=
step=
ending=

# What psql and the others complain of is kept, as the reason of a failure, and shown at the end.
complaints=$(mktemp)
exec 3>&2 2>"$complaints"

# psql on the statement it is given; psql itself quotes :'run', :'step' and whatever comes as -v name=value.
sql() {
  statement=$1
  shift
  printf '%s;\n' "$statement" |
    psql -d "$DATABASE_URL" -XAtq -v ON_ERROR_STOP=1 -v SHOW_CONTEXT=never \
      -v run="$run" -v step="$step" -v schema="$schema" "$@"
}

# One word about the run: the functions answer with nothing.
say() {
  call=$1
  shift
  sql "select stepcast.$call" "$@" >/dev/null
}

begin() {
  step=$1
  say "begin_step(:'run', :'step')"
}

report() {
  say "report_step(:'run', :'step', :'percent', :'message')" -v percent="$1" -v message="$2"
}

complete() {
  say "complete_step(:'run', :'step')"
  step=
}

# Whatever ends the script fails the step it is at; where none is running, it cancels the run. After kill -9 or a power cut
# the deadline fails it.
on_exit() {
  # Both at once: a signal that comes now finds that the end has begun.
  status=$? ending=yes
  trap - EXIT
  if [ "$status" -ne 0 ] && [ -n "$run" ]; then
    reason=$(sed 's/^psql:[^ ]* //' "$complaints")
    reason=${reason:-ended with exit code $status}
    say "fail_step(:'run', :'step', :'reason')" -v reason="$reason" 2>/dev/null ||
      say "cancel_run(:'run', :'reason')" -v reason="$reason" 2>/dev/null || true
  fi
  cat "$complaints" >&3
  rm -f "$complaints"
  exit "$status"
}
on_signal() {
  [ -n "$ending" ] || exit "$1"
}
trap on_exit EXIT
trap 'on_signal 129' HUP
trap 'on_signal 130' INT
trap 'on_signal 143' TERM

run=$(sql "select stepcast.open_run('backup', '[{\"step\": \"dump\", \"weight\": 9}, \"check\"]',
  deadline => :'deadline', metadata => jsonb_build_object('schema', :'schema', 'folder', :'folder'))" \
  -v deadline="$deadline" -v folder="$folder")
echo "Run $run"

begin dump
mkdir -p "$folder"
tables=$(sql "select tablename from pg_tables where schemaname = :'schema' order by tablename")
[ -n "$tables" ] || { echo "schema $schema has no tables" >&2 && exit 1; }
total=$(printf '%s\n' "$tables" | wc -l)
done=0
# A name may hold spaces: the list is split at its line ends only.
IFS='
'
for table in $tables; do
  # A slash would end the name of a folder, and of a step.
  name=$(printf '%s\n' "$table" | sed 's|%|%25|g; s|/|%2F|g')
  report $((100 * done / total)) "Table $((done + 1)) of $total: $table"
  say "begin_step(:'run', 'dump/' || :'name')" -v name="$name"
  # Not in a pipe with gzip, where the shell would not see that it failed.
  sql 'copy :"schema".:"table" to stdout (format csv, header)' -v table="$table" >"$folder/$name.csv"
  gzip -f "$folder/$name.csv"
  say "complete_step(:'run', 'dump/' || :'name')" -v name="$name"
  done=$((done + 1))
done
complete

begin check
cd "$folder"
gzip -t ./*.csv.gz
sha256sum ./*.csv.gz >SHA256SUMS
complete

say "finish_run(:'run', jsonb_build_object('tables', :'total'::integer))" -v total="$total"
echo "$total tables are in $folder"

/** Replaces what Postgres cannot store in a text: NUL, and halves of surrogate pairs. */
export function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

/** Cuts a string to a number of UTF-16 units, and appends how much is missing. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more characters)`
}

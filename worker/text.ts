/** What Postgres cannot keep in a text: NUL, and halves of surrogate pairs. */
export function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

/** Cut to a number of UTF-16 units, saying so. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more characters)`
}

/** What stands between two blank lines of a stream, by field; that of a comment is empty. */
export type Fields = Readonly<Record<string, string>>

/**
 * Reads a stream of events from pieces that are cut anywhere, as the server writes it: no line ends with CR alone, and
 * no event has two lines of data (tests/world/conformance holds it to that). Nothing is looked at twice, however long
 * an event is.
 */
export function fieldReader(onFields: (fields: Fields) => void): (piece: string) => void {
  let begun = ''
  let fields: Record<string, string> = {}

  function take(line: string) {
    const colon = line.indexOf(':')
    if (colon >= 0) {
      fields[line.slice(0, colon)] = line.slice(colon + 1).trim()
      return
    }
    const whole = fields
    fields = {}
    onFields(whole)
  }

  return (piece) => {
    const lines = piece.split('\n')
    // joined, and not searched, which makes long events cheap: browsers copy the parts once, when they are read
    lines[0] = begun + lines[0]
    begun = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
}

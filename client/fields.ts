/** The lines between two blank lines of a stream, by field; a comment has the empty name. */
export type Fields = Readonly<Record<string, string>>

/**
 * Reads a stream of events from pieces that are cut anywhere, in the form in which the server writes it: no line ends
 * with only CR, and no event has two lines of data (tests/world/conformance checks this). Nothing is scanned twice,
 * however long an event is.
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
    // joined without being searched, which keeps long events cheap: browsers copy the parts once, when they are read
    lines[0] = begun + lines[0]
    begun = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
}

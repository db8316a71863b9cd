/**
 * Batches reads: the first runs at once, and whatever is wanted while it is under way goes into the next one. So a
 * thousand clients that arrive together cost a few queries. A read that fails, fails for everyone who waits for it, and
 * is not repeated.
 */
export function createBatch<Wanted, Found>(
  read: (wanted: Wanted[]) => Promise<Found[]>,
  nameOf: (each: Wanted | Found) => string,
): (wanted: Wanted[]) => Promise<Found[]> {
  let waiting = new Map<string, Wanted>()
  let next: Promise<Map<string, Found>> | null = null
  let last: Promise<unknown> = Promise.resolve()

  async function fly(): Promise<Map<string, Found>> {
    const wanted = [...waiting.values()]
    waiting = new Map()
    next = null
    const found = await read(wanted)
    return new Map(found.map((each) => [nameOf(each), each]))
  }

  function board(): Promise<Map<string, Found>> {
    const flight = last.then(fly)
    last = flight.catch(() => {})
    return flight
  }

  return async (wanted) => {
    for (const each of wanted) waiting.set(nameOf(each), each)
    next ??= board()
    const found = await next
    return wanted.flatMap((each) => found.get(nameOf(each)) ?? [])
  }
}

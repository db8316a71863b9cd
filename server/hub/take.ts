/** Removes the first elements of a set, at most `most`, and returns them. */
export function take<T>(set: Set<T>, most: number): T[] {
  const taken: T[] = []
  for (const each of set) {
    if (taken.length >= most) break
    set.delete(each)
    taken.push(each)
  }
  return taken
}

/** True under `npm run test:long`. */
const long = process.env.STEPCAST_TEST_LONG === '1'

/** How much of something a test does: `full` in `npm run test:long`, `quick` otherwise. */
export function size<T>(quick: T, full: T): T {
  return long ? full : quick
}

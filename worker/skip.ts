/** Thrown by `ctx.skip`, so that nothing after it runs. */
export class Skipped extends Error {
  override name = 'Skipped'
}

import { channel } from 'node:diagnostics_channel'

/**
 * Points at which a process may die, named so that tests can kill it exactly there by subscribing to the channel
 * `stepcast:point`. Without a subscriber, a point costs one read of a property.
 */
export type Point =
  /** Graphile has handed out the job; nothing is claimed. */
  | 'fetched'
  /** The claim is committed; no handler has been called. */
  | 'claimed'
  /** The handler has returned; its end is not written. */
  | 'returned'
  /** The end is written in the transaction of the effects; COMMIT has not been sent. */
  | 'before commit'
  /** COMMIT was answered; what follows has not begun here. */
  | 'committed'
  /** A failed attempt is written. */
  | 'failed'
  /** A sub-step's end is written; COMMIT has not been sent. */
  | 'before sub-step commit'
  /** A sub-step's COMMIT was answered. */
  | 'sub-step committed'
  /** The run has ended or was given back; Graphile's job is not completed. */
  | 'before job completion'

export interface Reached {
  point: Point
  run: string
  /** The step or sub-step, if the point concerns one. */
  step: string | null
}

const points = channel('stepcast:point')

export function reach(point: Point, run: string, step: string | null = null): void {
  if (points.hasSubscribers) points.publish({ point, run, step } satisfies Reached)
}

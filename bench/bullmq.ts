import { loadPeer } from './peer.ts'

/** The parts of BullMQ and of its Redis client that the benchmarks use. */

export interface Job {
  id: string
  updateProgress(progress: object): Promise<void>
}

export interface Queue {
  add(name: string, data: object): Promise<unknown>
  addBulk(jobs: object[]): Promise<{ id: string }[]>
  getJobCountByTypes(...types: string[]): Promise<number>
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

interface BullMq {
  Queue: new (name: string, options: object, backend?: unknown) => Queue
  Worker: new (
    name: string,
    processor: (job: Job) => Promise<void>,
    options: object,
    backend?: unknown,
  ) => { waitUntilReady(): Promise<unknown> }
  createPostgresBackend: unknown
}

interface Redis {
  publish(channel: string, message: string): Promise<number>
  subscribe(...channels: string[]): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
}

/** Throws PeerMissing. */
export function loadBullmq(): BullMq {
  return loadPeer<BullMq>('bullmq')
}

/** Throws PeerMissing. */
export function loadRedis(): new (options: object) => Redis {
  return loadPeer<{ Redis: new (options: object) => Redis }>('ioredis').Redis
}
